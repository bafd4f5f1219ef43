#!/usr/bin/env python3
"""Holds the arrays of an NPZ and a safetensors file against those of the JSON that they were made of.

    check_arrays.py RESULT.json RESULT.npz RESULT.safetensors

With Python's own library alone, so that it runs everywhere; NumPy 2.2.6 (numpy.load, which reads a
member as is done here) and safetensors 0.8.0 (safe_open) were seen to load the same.
"""
import ast
import base64
import json
import struct
import sys
import zipfile


def tensors(blob):
    """The tensors and the metadata of a safetensors file; it has no holes."""
    length, = struct.unpack('<Q', blob[:8])
    header, data = json.loads(blob[8:8 + length]), blob[8 + length:]
    metadata = header.pop('__metadata__', {})
    assert length % 8 == 0 and all(isinstance(v, str) for v in metadata.values())
    places = sorted(t['data_offsets'] for t in header.values())
    ends = [end for _, end in places]
    assert [begin for begin, _ in places] == [0, *ends[:-1]] and ends[-1] == len(data)
    kinds = {'F32': '<f4', 'I64': '<i8'}
    return {name: (kinds[t['dtype']], tuple(t['shape']), data[slice(*t['data_offsets'])])
            for name, t in header.items()}, metadata


def npy(data):
    """Type, shape and bytes of a .npy file."""
    assert data[:8] == b'\x93NUMPY\x01\x00'
    length, = struct.unpack('<H', data[8:10])
    assert (10 + length) % 64 == 0 and data[9 + length:10 + length] == b'\n'
    header = ast.literal_eval(data[10:10 + length].decode('ascii'))
    assert header['fortran_order'] is False
    return header['descr'], header['shape'], data[10 + length:]


def members(path):
    """The arrays of an NPZ, whose checksums hold and which are stored as they are."""
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        assert all(m.compress_type == zipfile.ZIP_STORED for m in z.infolist())
        return {m[:-4]: npy(z.read(m)) for m in z.namelist() if m.endswith('.npy')}


def texts(array):
    """An array of NumPy's texts, as a list."""
    kind, shape, data = array
    width = 4 * int(kind[2:])
    assert kind.startswith('<U') and len(data) == width * (shape[0] if shape else 1)
    return [data[i:i + width].decode('utf-32-le').rstrip('\0') for i in range(0, len(data), width)]


def expected(result):
    """Every array of a result by name, as the files should have them, and its tokens."""
    arrays, tokens = {}, {}
    for i, s in enumerate(result['attributes']['sequence_attributions']):
        s = s['attributes']
        blobs = {side: s[side] for side in ('source_attributions', 'target_attributions')}
        for group in ('step_scores', 'sequence_scores'):
            blobs |= {f'{group}.{name}': blob for name, blob in s[group].items()}
        for name, blob in blobs.items():
            if blob:
                arrays[f'{i}.{name}'] = tensors(base64.b64decode(blob))[0]['attribution']
        for side in ('source', 'target'):
            tokens[f'{i}.{side}'] = [t['attributes'] for t in s[side]]
    return arrays, tokens


def main(arguments):
    with open(arguments[0], encoding='utf-8') as file:
        result = json.load(file)
    with open(arguments[2], 'rb') as file:
        found, metadata = tensors(file.read())
    packed = members(arguments[1])
    arrays, tokens = expected(result)
    assert arrays and found == arrays, 'safetensors'
    assert {name: packed.get(name) for name in arrays} == arrays, 'NPZ'
    for name, list_ in tokens.items():
        kind, shape, data = packed[name + '_ids']
        assert texts(packed[name]) == [t['token'] for t in list_], name
        assert (kind, shape) == ('<i4', (len(list_),))
        assert list(struct.unpack(f'<{len(list_)}i', data)) == [t['id'] for t in list_], name
        index, side = name.split('.')
        assert json.loads(metadata['sequences'])[int(index)][side] == list_, name
    for info in (metadata['info'], texts(packed['info'])[0]):
        assert json.loads(info) == result['attributes']['info']
    print(f'{len(arrays)} arrays, {len(tokens)} lists of tokens')


main(sys.argv[1:])

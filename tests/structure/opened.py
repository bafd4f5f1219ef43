#!/usr/bin/env python3
"""Checks that the program opens large libraries on use only, so that its first frame comes at once.

    opened.py TINSEQ MODULE FIXTURES

TINSEQ is linked to small libraries alone, commands that need no model open no other, and neither
does the terminal program before its first frame (how soon that comes, `make bench` measures). MODULE
is the tensor module, which a run does open: were that not seen, nothing would be tested.
"""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile

SMALL = {'libc', 'libm', 'libdl', 'libpthread', 'librt', 'ld-linux-x86-64', 'ld-linux-aarch64',
         'linux-vdso', 'libgcc_s', 'libncursesw', 'libtinfo', 'libpcre2-8', 'libutf8proc',
         'libyaml-0', 'libcjson', 'libz', 'libresolv'}
COMMANDS = (['--help'], ['list', 'methods'], ['list', 'models'], ['list', 'exports'],
            ['explain', 'integrated_gradients'], ['attribute', '--help'])


def large(libraries):
    """Names that are of no small library."""
    return sorted(name for name in libraries
                  if re.sub(r'\.so.*', '', os.path.basename(name)) not in SMALL)


def linked(file):
    """The libraries that a file is linked to, itself or by those."""
    shown = subprocess.run(['ldd', file], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in shown.splitlines() if line.split()}


def opened_by(command, environment):
    """The libraries that a command opens while it runs."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**environment, 'LD_DEBUG': 'files'}, check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(command)}: status {done.returncode}')
    return set(re.findall(r'\bfile=(\S+\.so\S*)', done.stderr))


def start(tinseq, environment):
    """Starts the terminal program until its first frame is there; the libraries mapped by then."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(tinseq, [tinseq], environment)
    seen = b''
    while b'\x1b[' not in seen or len(seen) < 1000:  # a frame is longer than what prepares it
        if not select.select([terminal], [], [], 5)[0]:
            break
        seen += os.read(terminal, 1 << 16)
    with open(f'/proc/{child}/maps', encoding='utf-8') as maps:
        mapped = set(re.findall(r'/\S+\.so\S*', maps.read()))
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(terminal)
    if len(seen) < 1000:
        raise RuntimeError(f'no frame came: {seen!r}')
    return mapped


def complaints(tinseq, fixtures, home):
    environment = {'PATH': os.environ['PATH'], 'HOME': home, 'TERM': 'xterm-256color',
                   'LC_ALL': 'C.UTF-8'}
    saved = os.path.join(fixtures, 'results/granular.json')
    show = ['show', saved, '--export', os.path.join(home, 'page.html')]
    found = [f'it is linked to {name}' for name in large(linked(tinseq))]
    for command in [*COMMANDS, show]:
        found += [f'{" ".join(command)} opens {name}'
                  for name in large(opened_by([tinseq, *command], environment))]
    return found + [f'{name} is there at the first frame'
                    for name in large(start(tinseq, environment))]


def is_seen(tinseq, module, fixtures, home):
    """Whether a run is seen to open libtorch, and the module to be linked to it."""
    command = [tinseq, 'attribute', '-m', os.path.join(fixtures, 'tiny/llama'), '-i', 'The city',
               '--generation_kwargs', '{"max_new_tokens": 1}', '-a', 'dummy', '--quiet']
    opened = opened_by(command, {**os.environ, 'HOME': home, 'TINSEQ_MODULE': module})
    return all(any('libtorch' in name for name in large(names))
               for names in (opened, linked(module)))


def main(arguments):
    tinseq, module, fixtures = arguments
    with tempfile.TemporaryDirectory() as home:
        if not is_seen(tinseq, module, fixtures, home):
            print('a run is not seen to open libtorch: nothing would be tested')
            return 1
        found = complaints(tinseq, fixtures, home)
    print('\n'.join(found or ['only small libraries are open before a model is']))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

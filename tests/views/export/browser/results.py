"""Results made here, as Inseq's JSON, and the pages of them and of the fixtures."""

import base64
import json
import math
import os
import struct
import subprocess

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'fixtures')
HOSTILE = [
    '<b>bold</b>',
    '"\'&amp;',
    '</script><script>alert(1)</script>',
    '<img src=x onerror=alert(2)>',
    '\u202eright to left\u202c',
    '\u0627\u0644\u0639\u0631\u0628\u064a\u0629',
    'nul\0byte',
    '\x1b[31mred',
    'x' * 3000,
    '--></title><!--',
    '\ud83e\udd80\u200d',
    '\n\t',
    ' javascript:alert(3)',
    '\U000e0041tag',
    'a\u0301\u0302\u0303\u0304\u0305',
    '`${alert(4)}`',
]


def array(dims, values):
    """An array of float32 as Inseq packs it: safetensors in base64."""
    header = json.dumps(
        {'attribution': {'dtype': 'F32', 'shape': dims, 'data_offsets': [0, 4 * len(values)]}}
    ).encode()
    header += b' ' * (-len(header) % 8)
    return base64.b64encode(
        struct.pack('<Q', len(header)) + header + struct.pack('<%df' % len(values), *values)
    ).decode()


def noise(n, seed=1, signed=False):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % (1 << 32)
        out.append(state / (1 << 32) * (2 if signed else 1) - (1 if signed else 0))
    return out


def seen(rows, start, steps, cell, values):
    """Values as a decoder has them: a step sees what stands before it."""
    return [
        v if i // (steps * cell) < start + i // cell % steps else math.nan
        for i, v in enumerate(values)
    ]


def sequence(tokens, start, values=None, dims=(), scores=None, source=None):
    """One text: `tokens` whole, of which those from `start` on were generated."""
    steps, cell = len(tokens) - start, math.prod(dims)
    tell = lambda words: [
        {
            '__instance_type__': ['inseq.utils.typing', 'TokenWithId'],
            'attributes': {'id': 5, 'token': t},
        }
        for t in words
    ]
    kind = 'Multidimensional' if dims else 'Coarse'
    values = values or noise(len(tokens) * steps * cell)
    shape = [len(tokens), steps, *dims]
    across = None
    if source:
        across = array([len(source), steps, *dims], noise(len(source) * steps * cell, 7))
    return {
        '__instance_type__': ['inseq.data.attribution', kind + 'FeatureAttributionSequenceOutput'],
        'attributes': {
            'source': tell(source or []),
            'target': tell(tokens),
            'source_attributions': across,
            'target_attributions': array(shape, seen(len(tokens), start, steps, cell, values)),
            'step_scores': {name: array([steps], v) for name, v in (scores or {}).items()},
            'sequence_scores': {},
            'attr_pos_start': start,
            'attr_pos_end': len(tokens),
        },
    }


def result(sequences, texts=None, method='saliency', **info):
    texts = texts or [
        ''.join(t['attributes']['token'] for t in s['attributes']['target']) for s in sequences
    ]
    return {
        '__instance_type__': ['inseq.data.attribution', 'FeatureAttributionOutput'],
        'attributes': {
            'sequence_attributions': sequences,
            'step_attributions': None,
            'info': {
                'attribution_method': method,
                'attributed_fn': 'probability_fn',
                'model_name': 'made-up',
                'input_texts': texts,
                'generated_texts': texts,
                'attr_pos_start': 1,
                'attr_pos_end': None,
                **info,
            },
        },
    }


def hostile():
    made = sequence(
        HOSTILE,
        len(HOSTILE) // 2,
        dims=(2, 2),
        scores={'<i>score</i>': noise(len(HOSTILE) - len(HOSTILE) // 2)},
    )
    text = ''.join(HOSTILE)
    return result(
        [made],
        texts=[text],
        method='</title><script>alert(5)</script>',
        model_name='<svg onload=alert(6)>',
        tokenizer_name=text,
    )


def large(rows=1000, steps=200):
    return result([sequence([' word%d' % i for i in range(rows)], rows - steps)])


def wave(rows=400, steps=100):
    """As large that it has a window, and of few colours."""
    values = [
        round(math.cos(i / 30) * math.cos(g / 9 + i / 50), 1) for i in range(rows) for g in range(steps)
    ]
    return result([sequence([' word%d' % i for i in range(rows)], rows - steps, values)])


def full():
    """More texts than there is room for tables; the last ones are small enough to be whole."""
    of = lambda n: sequence([' w%d' % i for i in range(n)], n // 2, noise(n * (n - n // 2), n, True))
    return result([of(130), of(130), of(110), of(20)])


def several(n=5, place=' city'):
    words = [' The', place, ' of', ' light', ' is', ' Paris', ' and', ' not', ' Rome', '.']
    sizes = [6 + i % 4 for i in range(n)]
    return result(
        [
            sequence(
                words[:size],
                3,
                noise(size * (size - 3), i + 1, True),
                scores={'probability': noise(size - 3, i)},
            )
            for i, size in enumerate(sizes)
        ]
    )


def shorter(n=5):
    words = [' The', ' city', ' is', ' Paris', '.']
    return result([sequence(words, 2, noise(15, i + 9, True)) for i in range(n)])


def layers():
    words = [' The', ' city', ' of', ' light', ' is', ' Paris', '.']
    return result([sequence(words, 4, dims=(5,))], method='layer_gradient_x_activation')


def faithful(verdict='better', method='saliency'):
    points = [i / 10 for i in range(11)]
    measure = lambda curve, value: {
        'value': value,
        'random': 0.4,
        'difference': value - 0.4,
        'interval': [0.24, 0.82],
        'verdict': verdict,
        'curve': curve,
        'random_curve': [1 - p for p in points],
        'random_deviation': [0.3 * p * (1 - p) for p in points],
    }
    return {
        'method': method,
        'function': 'probability',
        'columns': 4,
        'random_orders': 5,
        'removed_percent': [100 * p for p in points],
        'verdict': 'better than random by 0.53 (95 %: 0.24 to 0.82)',
        'overall': measure(None, 0.9),
        'comprehensiveness': measure([(1 - p) ** 4 for p in points], 0.7),
        'sufficiency': measure([1 - p**4 for p in points[:-1]] + [None], -0.2),
    }


def evaluated(*told):
    words = [' The', ' city', ' of', ' light', ' is', ' Paris', '.']
    sequences = [sequence(words, 4) for _ in told]
    return result(sequences, tinseq={'faithfulness': list(told)})


def odd():
    """Evaluations that say little, or nothing that can be drawn."""
    apart = faithful('worse', '<b onclick=alert(7)>')
    apart['comprehensiveness']['curve'] = [1e308, -1e308] + 9 * [0]
    flat = faithful('unknown')
    for measure in flat['comprehensiveness'], flat['sufficiency']:
        measure['random'] = measure['value'] = None
        measure['curve'] = measure['random_curve'] = measure['random_deviation'] = 11 * [0]
    return evaluated(apart, flat, {'method': 5}, None)


CONTEXT_TOKENS = ['The', ' sun', ' set', '.', ' It', ' was', ' very', ' dark']


def context(tokens=None, hostile=None):
    """A text whose first four tokens are a context, which two of the last three depend on."""
    tokens = tokens or CONTEXT_TOKENS
    values = [2, 0, 0, 4, 0, 5, 0, 0, 0, 0, 0, 0] + 12 * [0.5]
    told = {
        'metric': hostile or 'kl_divergence',
        'threshold': hostile or 0.5,
        'tokens': [0, 8, 5, 8],
        'input': {'side': 'target', 'from': 0, 'to': 4},
        'output': None,
        'cue_threshold': 0,
        'cue_most': 0,
        'cues': [
            {'column': 2, 'score': 0.75, 'foil_id': 9, 'foil': hostile or '·light'},
            {'column': 0, 'score': 0.5, 'foil_id': 4, 'foil': '· is'},
        ],
    }
    told['cues'][0]['with'] = hostile or 'The sun set. It was very dark'
    told['cues'][0]['without'] = hostile or 'Nothing here'
    made = sequence(tokens, 5, values)
    return result([made], method='saliency', tinseq={'context': [told]})


def citations(tokens=None, hostile=None):
    """The same of two documents of two tokens; an answer of two sentences, the first of which rests
    on the second document."""
    two = [{'document': 2, 'score': 0.5, 'tokens': 1}, {'document': 1, 'score': 0.25, 'tokens': 1}]
    told = {
        'of': [0, 8, 5, 8],
        'side': 'target',
        'rule': hostile or '5%',
        'most': 1,
        'sensitivity': 0.5,
        'calibrated': True,
        'documents': [
            {'name': hostile or 'a.txt', 'from': 0, 'to': 2},
            {'name': 'b.txt', 'from': 2, 'to': 4},
        ],
        'sentences': [
            {'from': 0, 'to': 2, 'documents': two[:1], 'left_out': 1, 'given': [1, 2]},
            {'from': 2, 'to': 3, 'documents': [], 'left_out': 0, 'given': None},
        ],
        'tokens': [
            {'column': 0, 'sensitivity': 0.75, 'counts': True, 'documents': two, 'rows': [1, 2]},
            {'column': 2, 'sensitivity': 0.25, 'counts': False, 'documents': [], 'rows': []},
        ],
        'found': 1,
        'given': 2,
        'both': 1,
        'pairs': 2,
        'alike': 1,
        'closed_book': {
            'answer': hostile or 'It shone.',
            'tokens': [
                {'piece': 'x', 'text': hostile or '·shone', 'probability': 0.5, 'same': False},
                {'piece': 'y', 'text': '·very', 'probability': 0.9, 'same': True},
                {},
            ],
        },
    }
    made = sequence(tokens or CONTEXT_TOKENS, 5, [2] * 24)
    return result([made], method='saliency', tinseq={'citations': [told]})


class Pages:
    """Pages by name, each made once. `tinseq` is the program under test, `cases` that of
    page_cases.c."""

    FILES = {
        'heads': 'inseq/smollm2-attention-probability.json.gz',
        'contrast': 'inseq/smollm2-saliency-contrast_logits_diff.json.gz',
        'saliency': 'inseq/smollm2-saliency-probability.json.gz',
        'gradients': 'inseq/smollm2-integrated_gradients-probability-20.json.gz',
        'translation': 'aggregators/both.json.gz',
        'steps': 'inseq-steps/smollm2-dummy-probability-all.json.gz',
    }
    MADE = {
        'hostile': hostile,
        'large': large,
        'wave': wave,
        'full': full,
        'middle': lambda: wave(150, 60),
        'several': several,
        'layers': layers,
        'shorter': shorter,
        'wide': lambda: large(30, 15),
        'other': lambda: several(place=' town'),
        'many': lambda: several(8),
        'evaluated': lambda: evaluated(faithful()),
        'odd': odd,
        'citations': citations,
        'hostile_citations': lambda: citations(
            ['<b>bold</b>'] + HOSTILE[2:9], '<img src=x onerror=alert(8)>'
        ),
        'context': context,
        'hostile_context': lambda: context(
            ['<b>bold</b>'] + HOSTILE[2:9], '<img src=x onerror=alert(8)>'
        ),
    }

    def __init__(self, tinseq, cases, out):
        self.tinseq, self.cases, self.out, self.made = tinseq, cases, out, {}

    def saved(self, name):
        """The saved result of that name."""
        if name in self.FILES:
            return os.path.join(FIXTURES, self.FILES[name])
        path = os.path.join(self.out, name + '.json')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(self.MADE[name](), file)
        return path

    def page(self, name, *options):
        key = (name, *options)
        if key not in self.made:
            page = os.path.join(self.out, '%s-%d.html' % (name, len(self.made)))
            subprocess.run(
                [self.tinseq, 'show', self.saved(name), '--quiet', '--export', page, *options],
                check=True,
            )
            self.made[key] = page
        return self.made[key]

"""Tinseq against Inseq, on one machine in one run: prints a table of ratios with their goals.

Both load the same checkpoint (SmolLM2-135M as Transformers saves it, float32); rows marked GGUF load Tinseq's own download. A time is the best of some runs,
taken in turns. `compute` is attribution alone: in Inseq one call of attribute() after loading; in Tinseq what `tinseq attribute --timings` reports, always
in a fresh process. The results of both are compared, so that it is the same work. Nothing but the standard library is used here.
"""
import argparse
import array
import base64
import gzip
import json
import math
import os
import random
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
GB = 1e9
PASSAGE = ("The lighthouse on the northern coast was built after a storm had destroyed three ships in a single night. The people of the village collected the "
           "money, and a young engineer from the city drew the plans. It took them two years to bring the stones across the water, and when the lamp was lit for")
PROMPT_30 = PASSAGE[:PASSAGE.index(" a young")]
TEXT_24 = PASSAGE[:PASSAGE.index(" village")]
PROMPT_16 = PASSAGE[:PASSAGE.index(" a single")]
CONTEXT_100 = " ".join((PASSAGE + " " + PASSAGE).split()[:94])  # in SmolLM2's tokens
TEN_WORDS = "The largest city on the northern coast of Norway is"

# That it is the same work, not that it is exact: on the passage PyTorch's float32 gradient is 4.1e-4 of a column's largest away from its own float64 gradient,
# Tinseq's float32 1e-5 from it. Exactness is what the tests are for.
SAME = 2e-3
# Value zeroing's scores are 1 less a cosine that is nearly 1, and Inseq takes it in float32 whatever the model's type is: here its float32 and float64 runs are
# 3.3e-3 apart, Tinseq's 1.1e-5.
COSINE = 5e-3

MARIAN_SOURCE = "The manager said hi to the nurse. The engineer finished her work in the city."
MARIAN_TARGET = "O gerente disse oi para a enfermeira. O engenheiro terminou o trabalho na cidade."


FAMILIES = ("qwen3", "gemma3", "t5", "bart")  # random, of about 100 M parameters


class Case:
    """One method on one model. texts: prompt and forced text; tokens: how many they are, where that is fixed; runs: of Inseq; faster, memory: the goals,
    None without; random: the numbers are drawn and cannot be compared; ours: our options where they differ from Inseq's; layers: Inseq is asked for each
    layer by itself and we for all at once; extra: only with --all; same: how far apart results may be, of a column's largest."""

    def __init__(self, name, method, kwargs, texts, faster, memory, tokens=None, runs=1, model="smollm2", random=False, ours=None, layers=False, extra=False,
                 same=SAME):
        self.name, self.method, self.kwargs, self.texts, self.faster, self.memory = name, method, kwargs, texts, faster, memory
        self.tokens, self.runs, self.model, self.random, self.layers, self.extra = tokens, runs, model, random, layers, extra
        self.ours, self.same = kwargs if ours is None else ours, same


LONG, SHORT, MARIAN = (PROMPT_30, PASSAGE), (PROMPT_16, TEXT_24), (MARIAN_SOURCE, MARIAN_TARGET)
PAIR = ("The manager said hi to the nurse in the city.", "O gerente disse oi para a enfermeira")  # in the tokens of a tiny vocabulary
SHORT_PAIR = ("The nurse said hello to the engineer.", "O gerente")
CASES = [
    Case("saliency 30 + 30", "saliency", {}, LONG, 4.8, 0.6, (30, 30), 2),
    Case("input x gradient 30 + 30", "input_x_gradient", {}, LONG, 4.8, 0.6, (30, 30), 2),
    Case("integrated gradients (50) 16 + 8", "integrated_gradients", {"n_steps": 50}, SHORT, 2.5, 0.3, (16, 8)),
    Case("gradient SHAP 16 + 8", "gradient_shap", {}, SHORT, 3.2, 0.55, (16, 8), 2, random=True),
    Case("DeepLIFT 16 + 8", "deeplift", {}, SHORT, 3.5, 0.6, (16, 8), 2),
    Case("discretized IG (50) 16 + 8", "discretized_integrated_gradients", {}, SHORT, 9, 0.3, (16, 8)),
    Case("sequential IG (50) 23 + 1", "sequential_integrated_gradients", {"n_steps": 50}, (TEXT_24[:TEXT_24.rindex(" ")], TEXT_24), 3, 0.3),
    Case("sequential IG (4) 16 + 8", "sequential_integrated_gradients", {"n_steps": 4}, SHORT, 3, None, (16, 8)),
    Case("occlusion 16 + 8", "occlusion", {}, SHORT, 30, 0.6, (16, 8)),
    Case("LIME (50) 16 + 8", "lime", {}, SHORT, 25, 0.6, (16, 8), random=True),
    Case("value zeroing, MarianMT", "value_zeroing", {}, MARIAN, 10, 0.6, runs=2, model="marian", same=COSINE),
    Case("attention 30 + 30", "attention", {}, LONG, 2, 0.6, (30, 30), 3),
    Case("layer gradient x activation, all layers 16 + 8", "layer_gradient_x_activation", {}, SHORT, 100, 0.6, (16, 8), layers=True, random=True,
         ours={"layers": "all"}),
    Case("saliency 30 + 30, Qwen3", "saliency", {}, LONG, 8, None, (30, 30), model="qwen3"),
    Case("integrated gradients (50) 16 + 8, Qwen3", "integrated_gradients", {"n_steps": 50}, SHORT, 4, None, (16, 8), model="qwen3"),
    Case("saliency 30 + 30, Gemma 3", "saliency", {}, LONG, 8, None, (30, 30), model="gemma3"),
    Case("integrated gradients (50) 16 + 8, Gemma 3", "integrated_gradients", {"n_steps": 50}, SHORT, 4, None, (16, 8), model="gemma3"),
    Case("saliency, T5", "saliency", {}, PAIR, 8, None, model="t5"),
    Case("integrated gradients (50), T5", "integrated_gradients", {"n_steps": 50}, SHORT_PAIR, 4, None, model="t5"),
    Case("saliency, BART", "saliency", {}, PAIR, 8, None, model="bart"),
    Case("integrated gradients (50), BART", "integrated_gradients", {"n_steps": 50}, SHORT_PAIR, 4, None, model="bart"),
    Case("ReAGent 23 + 1", "reagent", {}, (TEXT_24[:TEXT_24.rindex(" ")], TEXT_24), None, None, random=True, extra=True),
    Case("saliency, MarianMT", "saliency", {}, MARIAN, None, None, runs=2, model="marian", extra=True),
    Case("integrated gradients (50), MarianMT", "integrated_gradients", {"n_steps": 50}, MARIAN, None, None, model="marian", extra=True),
    Case("occlusion, MarianMT", "occlusion", {}, MARIAN, None, None, model="marian", extra=True),
    Case("LIME (50), MarianMT", "lime", {}, MARIAN, None, None, model="marian", random=True, extra=True),
]


class Report:
    """Rows of the table, printed as they come, and which goals were missed."""

    def __init__(self):
        self.rows, self.missed = [], []
        print("%-46s %10s %10s %9s  %s" % ("", "Inseq", "Tinseq", "ratio", "goal"))

    def add(self, name, theirs, ours, unit, goal=None, ratio=None, smaller=False):
        """goal: of the ratio where there is one, else of our own number, which must not be larger."""
        value, limit_is_top = (ratio, smaller) if ratio is not None else (ours, True)
        met = goal is None or (value <= goal if limit_is_top else value >= goal)
        said = "" if goal is None else "%s %g%s: %s" % ("at most" if limit_is_top else "at least", goal, "" if ratio is not None else " " + unit, "met" if met else "MISSED")
        number = "%.4f" if ours < 0.1 else "%.2f"
        print("%-46s %10s %10s %9s  %s" % (name, "" if theirs is None else "%.2f %s" % (theirs, unit), (number + " %s") % (ours, unit),
                                            "" if ratio is None else "%.2f" % ratio, said), flush=True)
        self.rows.append({"name": name, "inseq": theirs, "tinseq": ours, "unit": unit, "ratio": ratio, "goal": goal, "met": met})
        if not met:
            self.missed.append(name)


def run(command, timed=False):
    """Standard output and error of a command that must succeed; timed: the seconds that it took."""
    began = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        sys.exit("bench: %s\n%s%s\nexit status %d" % (" ".join(command), done.stdout[-2000:], done.stderr[-4000:], done.returncode))
    return seconds if timed else (done.stdout, done.stderr)


def last_json(text):
    return json.loads([line for line in text.splitlines() if line.startswith("{")][-1])


def scores(path):
    """[shape, values] of the side that a saved result has: the source side of a translation."""
    with open(path) as f:
        sides = json.load(f)["attributes"]["sequence_attributions"][0]["attributes"]
    blob = base64.b64decode(sides["source_attributions"] or sides["target_attributions"])
    n = int.from_bytes(blob[:8], "little")
    values = array.array("f")
    values.frombytes(blob[8 + n:])
    return json.loads(blob[8:8 + n])["attribution"]["shape"], values


def difference(a, b):
    """The largest difference of two results, relative to the largest score of its column; infinite when the shapes differ."""
    (shape, x), (other, y) = scores(a), scores(b)
    if shape != other:
        return math.inf
    rows, columns = shape[:2]
    width = math.prod(shape[2:])
    worst = 0.0
    for g in range(columns):
        largest = apart = 0.0
        for r in range(rows):
            at = (r * columns + g) * width
            for p, q in zip(x[at:at + width], y[at:at + width]):
                if p != p and q != q:
                    continue
                largest = max(largest, abs(p))
                apart = max(apart, abs(p - q)) if p == p and q == q else math.inf
        worst = max(worst, apart / largest if largest else apart)
    return worst


def tinseq_command(a, model, method, kwargs, prompt, text):
    return [a.tinseq, "attribute", "-m", model, "-a", method, "-i", prompt, "-g", text, "--attributed_fn", "probability", "--attribution_kwargs", json.dumps(kwargs)]


def compute(report, a, case):
    ours_file, theirs_file = os.path.join(a.scratch, "ours.json"), os.path.join(a.scratch, "theirs.json")
    model, best, (prompt, text) = a.models[case.model], {}, case.texts

    def ours(kind, path):
        command = tinseq_command(a, path, case.method, case.ours, prompt, text)
        timing = last_json(run(command + ["--timings", "--hide_attributions", "-o", ours_file])[1])
        seconds, peak = best.get(kind, (math.inf, 0))
        best[kind] = (min(seconds, timing["attribute"]), max(peak, timing["peak_rss_bytes"]))

    ours("folder", model)
    theirs = last_json(run([a.python, os.path.join(HERE, "inseq_case.py"), model, case.method, json.dumps(case.kwargs), "all" if case.layers else "one",
                            str(case.runs), prompt, text, theirs_file])[0])
    if case.tokens and (theirs["prompt"], theirs["generated"]) != case.tokens:
        sys.exit("bench: %s has %d + %d tokens" % (case.name, theirs["prompt"], theirs["generated"]))
    ours("folder", model)
    apart = None if case.random else difference(theirs_file, ours_file)
    ours("folder", model)
    if case.model == "smollm2" and os.path.exists(a.gguf):
        ours("GGUF", a.gguf)
        ours("GGUF", a.gguf)
    for kind, (seconds, peak) in best.items():
        label = case.name if kind == "folder" else case.name + ", GGUF"
        fastest = min(theirs["seconds"])
        report.add(label + ": compute", fastest, seconds, "s", case.faster, fastest / seconds)
        report.add(label + ": peak memory", theirs["peak"] / GB, peak / GB, "GB", case.memory, peak / theirs["peak"], smaller=True)
    if apart is None:
        return
    print("%-46s results differ by %.1e of a column's largest%s" % ("", apart, "" if apart < case.same else ": TOO MUCH"), flush=True)
    if not apart < case.same:
        report.missed.append(case.name + ": the same results")


def whole_process(report, a):
    inseq = [a.python, "-m", "inseq.commands.cli"] if not os.path.exists(a.inseq) else [a.inseq]
    five = json.dumps({"max_new_tokens": 5})
    pairs = [
        ("whole process, saliency 30 + 30", 5.0, "attribute", ["-i", PROMPT_30, "-g", PASSAGE]),
        ("whole process, ten words, 5 tokens", 8.0, "attribute", ["-i", TEN_WORDS, "--generation_kwargs", five]),
        ("whole process, a context of 100 tokens", 10.0, "attribute-context", ["--input_context_text", CONTEXT_100, "--input_current_text", TEN_WORDS,
                                                                                "--output_current_text", TEXT_24, "--attributed_fn", "contrast_prob_diff"]),
    ]
    for name, goal, command, arguments in pairs:
        if a.case not in name:
            continue
        theirs, ours, gguf = [], [], []
        for _ in range(2):
            theirs.append(run(inseq + [command, "--device", "cpu", "-m", a.model] + arguments, timed=True))
            ours.append(run([a.tinseq, command, "-m", a.model] + arguments, timed=True))
            ours.append(run([a.tinseq, command, "-m", a.model] + arguments, timed=True))
            if os.path.exists(a.gguf):
                gguf.append(run([a.tinseq, command, "-m", a.gguf] + arguments, timed=True))
                gguf.append(run([a.tinseq, command, "-m", a.gguf] + arguments, timed=True))
        report.add(name, min(theirs), min(ours), "s", goal, min(theirs) / min(ours))
        if gguf:
            report.add(name + ", GGUF", min(theirs), min(gguf), "s", goal, min(theirs) / min(gguf))


def ten_words(n):
    """Rows of ten words: a prompt of eight, and the text."""
    rnd = random.Random(3)
    words = sorted(set(PASSAGE.lower().replace(",", "").replace(".", "").split()))
    rows = []
    for _ in range(n):
        text = [rnd.choice(words) for _ in range(10)]
        text[0] = text[0].capitalize()
        rows.append((" ".join(text[:8]), " ".join(text)))
    return rows


def data_set(report, a):
    """Rows a second of whole processes. Inseq's attribute-dataset reads the rows with pandas and calls what `inseq attribute` calls, batches included: that is asked, so that the
    datasets library need not be there."""
    if a.case not in "data set, 200 rows of ten words":
        return
    inseq = [a.python, "-m", "inseq.commands.cli"] if not os.path.exists(a.inseq) else [a.inseq]
    rows, path, out = ten_words(200), os.path.join(a.scratch, "ten.csv"), os.path.join(a.scratch, "ten.jsonl")
    with open(path, "w") as f:
        f.write("prompt,text\n" + "".join("%s,%s\n" % row for row in rows))
    theirs = run(inseq + ["attribute", "--device", "cpu", "-m", a.model, "--hide", "-o", os.path.join(a.scratch, "ten.json"), "-i"] + [r[0] for r in rows] +
                 ["-g"] + [r[1] for r in rows], timed=True)
    ours = min(run([a.tinseq, "attribute-dataset", "-m", a.model, "-d", path, "-i", "prompt", "-g", "text", "-o", out, "--quiet"], timed=True) for _ in range(3))
    report.add("data set, 200 rows of ten words", len(rows) / theirs, len(rows) / ours, "rows/s", 15.0, theirs / ours)


def long_result(path, rows, columns):
    """A result as Inseq writes it, of which a row in a hundred has scores that are worth seeing."""
    rnd = random.Random(1)
    tokens = [{"__instance_type__": ["inseq.utils.typing", "TokenWithId"], "attributes": {"id": i, "token": "w%d" % i}} for i in range(rows + columns)]
    values = [float("nan") if r >= rows + g else rnd.random() ** 4 * (0.2 if r % 97 == 0 else 0.004) for r in range(rows + columns) for g in range(columns)]
    data = struct.pack("<%df" % len(values), *values)
    head = json.dumps({"attribution": {"dtype": "F32", "shape": [rows + columns, columns], "data_offsets": [0, len(data)]}}).encode()
    sequence = {"source": tokens[:rows], "target": tokens, "source_attributions": None, "attr_pos_start": rows, "attr_pos_end": rows + columns,
                "target_attributions": base64.b64encode(struct.pack("<Q", len(head)) + head + data).decode(), "step_scores": {}, "sequence_scores": {}}
    kind = "inseq.data.attribution"
    result = {"sequence_attributions": [{"__instance_type__": [kind, "FeatureAttributionSequenceOutput"], "attributes": sequence}],
              "step_attributions": None, "info": {"attribution_method": "saliency"}}
    with open(path, "w") as f:
        json.dump({"__instance_type__": [kind, "FeatureAttributionOutput"], "attributes": result}, f)


def long_map(report, a, tool):
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "long.json")
        long_result(path, 4000, 40)
        m = last_json(run([tool, a.tinseq, path, home])[0])
    report.add("key on a map of 4,000 rows, middle of %d" % m["n_keys"], None, m["key_middle"], "s", 0.016)
    report.add("key on a map of 4,000 rows, nine of ten", None, m["key_most"], "s", 0.016)


def many_rows(path, n):
    """A file of rows: facts of 8 tokens with two step scores, a foil and a field, every number another."""
    subjects = ["Eiffel Tower", "Colosseum", "Big Ben", "Statue of Liberty", "Kremlin", "Alhambra"]
    cities = ["Paris", "Rome", "London", "York", "Moscow", "Granada"]

    def packed(dims, values):
        return ["F32", dims, base64.b64encode(struct.pack("<%df" % len(values), *values)).decode()]

    with open(path, "w") as f:
        f.write(json.dumps({"format": "tinseq-rows", "version": 1, "info": {"attribution_method": "saliency"}}) + "\n")
        for i in range(n):
            subject, city, foil = subjects[i % 6], cities[i % 6], cities[(i + 1 + i // 6 % 5) % 6]
            prompt = "The %s is in the city of" % subject
            tokens = [("\u0120" if k else "") + word for k, word in enumerate((prompt + " " + city).split())]
            scores = [((i * 7919 + k * 104729) % 1000) / 1000 for k in range(len(tokens) - 1)] + [float("nan")]
            row = {"attr_pos_start": len(tokens) - 1, "attr_pos_end": len(tokens), "target": tokens, "target_ids": list(range(len(tokens))),
                   "target_attributions": packed([len(tokens), 1], scores),
                   "step_scores": {"probability": packed([1], [i * 7 % 1000 / 1000]), "contrast_prob_diff": packed([1], [i * 31 % 2000 / 1000 - 1])},
                   "info": {"input_texts": [prompt], "generated_texts": [prompt + " " + city],
                            "attributed_fn_args": {"contrast_targets": prompt + " " + foil}, "tinseq": {"fields": [{"subject": subject, "n": i}]}}}
            f.write(json.dumps(row) + "\n")


def long_list(report, a, tool):
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "many.jsonl")
        many_rows(path, 100000)
        m = last_json(run([tool, a.tinseq, path, home])[0])
    report.add("start to the first of 100,000 rows", None, m["first_row"], "s", 1.0)
    report.add("until all are in the list", None, m["whole"], "s")
    report.add("key on a list of 100,000 rows, middle of %d" % m["n_keys"], None, m["key_middle"], "s", 0.016)
    report.add("key on a list of 100,000 rows, nine of ten", None, m["key_most"], "s", 0.016)


def screen(report, a):
    tool = os.path.join(a.build, "bench_screen")
    long_map(report, a, tool)
    long_list(report, a, tool)
    sentence = "The engineer from the village said that she had finished her work."
    families = [(a.models[name], TEN_WORDS if name in ("qwen3", "gemma3") else PAIR[0]) for name in FAMILIES]
    for path, prompt in [("smollm2", TEN_WORDS), ("en-pt", sentence)] + families:
        model = os.path.basename(path)
        with tempfile.TemporaryDirectory() as home:
            m = last_json(run([tool, a.tinseq, path, prompt, home])[0])
        if model == "smollm2":
            report.add("program's start to first frame", None, m["first_frame"], "s", 0.1)
            report.add("1 MB pasted into the prompt", None, m["paste"], "s", 0.2)
            report.add("the same from a terminal that does not mark pastes", None, m["paste_unmarked"], "s", 0.2)
        report.add("F5 to first column, %s" % model, None, m["first_column"], "s", 1.0)
        report.add("F5 to the last column, %s" % model, None, m["run"], "s")
        if m["n_keys"]:
            report.add("key to cursor meanwhile, %s, middle of %d" % (model, m["n_keys"]), None, m["key_middle"], "s", 0.016)
            report.add("key to cursor meanwhile, %s, slowest" % model, None, m["key_slowest"], "s")
        if m["cancel"] >= 0:
            report.add("control-C to the end of a run of integrated gradients, %s, slowest of 3" % model, None, m["cancel"], "s", 0.1)


# What the time of a run goes to is told for these: method, options, prompt and text (60 tokens, twice and four times as many).
PROFILES = [
    ("saliency 30 + 30", "saliency", {}, PROMPT_30, PASSAGE, 0.7),
    ("saliency 89 + 30", "saliency", {}, PASSAGE + " the first time," + PROMPT_30[3:], PASSAGE + " the first time," + PASSAGE[3:], 0.7),
    ("integrated gradients (50) 30 + 30", "integrated_gradients", {"n_steps": 50}, PROMPT_30, PASSAGE, 0.7),
    ("attention 30 + 30", "attention", {}, PROMPT_30, PASSAGE, None),
]


def profile(report, a):
    """Where the time goes, in parts of the whole, and the fraction of the rate that products reach on this machine by themselves."""
    rates = last_json(run([os.path.join(a.build, "bench_products")])[0])
    print("%-46s %s" % ("products by themselves, GFLOP/s", "  ".join("%s: %.0f" % (k, v / 1e9) for k, v in rates.items())))
    for name, method, kwargs, prompt, text, goal in PROFILES:
        best = None
        for _ in range(3):
            t = last_json(run(tinseq_command(a, a.model, method, kwargs, prompt, text) + ["--timings", "--hide_attributions"])[1])
            best = t if best is None or t["attribute"] < best["attribute"] else best
        spent, whole = best["spent"], best["attribute"]
        rest = whole - sum(spent[k] for k in spent if k != "operations")
        parts = [("products", spent["products"]), ("vocabulary", spent["vocabulary"]), ("attention", spent["attention"]), ("element-wise", spent["rows"]),
                 ("overhead", spent["other"] + rest)]
        print("%-46s %s" % (name + ": %.2f s" % whole, ", ".join("%s %.1f %%" % (k, 100 * v / whole) for k, v in parts)))
        reached = spent["operations"] / whole
        report.add(name + ": of the products' rate", None, reached / 1e9, "GFLOP/s", goal, reached / rates["best"])


SENTENCES = PASSAGE + " the first time, people came from all over the country. "
CONTINUED = " They stood on the shore all night, and nobody said one single little word."
LIMIT = 16 * GB


def run_inseq_limited(a, method, prompt, text):
    """What inseq_case.py prints, under a limit of memory; None where it did not get through."""
    command = ["prlimit", "--data=%d" % LIMIT, a.python, os.path.join(HERE, "inseq_case.py"), a.model, method, "{}", "one", "1", prompt, text, os.path.join(a.scratch, "long.json")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return last_json(done.stdout) if done.returncode == 0 else None


def parabola(points):
    """Coefficients [1, n, n^2] through three points."""
    (x0, y0), (x1, y1), (x2, y2) = points
    c = ((y2 - y0) / (x2 - x0) - (y1 - y0) / (x1 - x0)) / (x2 - x1)
    b = (y1 - y0) / (x1 - x0) - c * (x0 + x1)
    return y0 - b * x0 - c * x0 * x0, b, c


def long_prompts(report, a):
    """4,000 tokens, of which Inseq is asked for 500, 1,000 and 2,000; it needs the same memory for any number of generated tokens, so it is given two."""
    weights = os.path.getsize(os.path.join(a.model, "model.safetensors"))
    for method, goal in (("attention", weights / GB + 1), ("saliency", 3)):
        points = []
        for times in (7, 14, 28):
            prompt = (SENTENCES * times).strip()
            theirs = run_inseq_limited(a, method, prompt, prompt + " They stood")
            t = last_json(run(tinseq_command(a, a.model, method, {}, prompt, prompt + " They stood") + ["--timings", "--hide_attributions"])[1])
            if theirs is None:
                print("%-46s Inseq did not get through with %.0f GB; Tinseq %.1f s, %.2f GB" % ("%s, prompt of %d times 71 tokens" % (method, times), LIMIT / GB, t["attribute"],
                                                                                     t["peak_rss_bytes"] / GB), flush=True)
                continue
            points.append((theirs["prompt"], theirs["peak"]))
            name = "%s, %d + 2 tokens" % (method, theirs["prompt"])
            report.add(name + ": compute", min(theirs["seconds"]), t["attribute"], "s", None, min(theirs["seconds"]) / t["attribute"])
            report.add(name + ": peak memory", theirs["peak"] / GB, t["peak_rss_bytes"] / GB, "GB", None, t["peak_rss_bytes"] / theirs["peak"], smaller=True)
        if len(points) == 3:
            fit = parabola(points)
            n = next(i for i in range(points[0][0], 10**6) if fit[0] + fit[1] * i + fit[2] * i * i > LIMIT)
            print("%-46s Inseq: %.1f GB at 4,000 tokens by the parabola through these, and past %.0f GB from %d tokens on" %
                  ("", (fit[0] + fit[1] * 4000 + fit[2] * 16e6) / GB, LIMIT / GB, n), flush=True)
        prompt = (SENTENCES * 56).strip()
        t = last_json(run(tinseq_command(a, a.model, method, {}, prompt, prompt + CONTINUED) + ["--timings", "--hide_attributions"])[1])
        report.add("%s, 4,000 + 16 tokens: time" % method, None, t["attribute"], "s")
        report.add("%s, 4,000 + 16 tokens: peak memory" % method, None, t["peak_rss_bytes"] / GB, "GB", goal)


def cancelling(report, a):
    for model in ("smollm2", "en-pt"):
        for method, seconds in last_json(run([os.path.join(a.build, "bench_cancel"), model])[0]).items():
            report.add("cancel to the end, %s, %s" % (method, model), None, seconds, "s", 0.1)


TOKENIZERS = ("llama2", "qwen2", "gpt2", "falcon", "gemma", "deepseek_v3", "t5", "bert")


def unpack(name, folder):
    """A tokenizer of tests/fixtures/tokenizer_json as files; "@charsmap" is the table of characters of tiny/marian/source.spm, whose trie has 179200 bytes."""
    fixtures = os.path.join(HERE, "..", "fixtures")
    with gzip.open(os.path.join(fixtures, "tokenizer_json", name + ".json.gz"), "rt", encoding="utf-8") as f:
        made = json.load(f)
    with open(os.path.join(fixtures, "tiny/marian/source.spm"), "rb") as f:
        data = f.read()
    at = data.index((179200).to_bytes(4, "little"))
    n = data[at - 3] & 127 | (data[at - 2] & 127) << 7 | data[at - 1] << 14
    os.makedirs(folder)
    for file, text in (("tokenizer.json", json.dumps(made["tokenizer"])), ("tokenizer_config.json", json.dumps(made["config"])), ("config.json", '{"model_type": "gpt2"}'),
                       ("model.safetensors", "")):
        with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
            f.write(text.replace("@charsmap", base64.b64encode(data[at:at + n]).decode()))


def tokenizing(report, a):
    """A megabyte of each kind of text (tokenize.c); the slowest is the row. The families' vocabularies are small: a token has two bytes, where real ones have four."""
    for name in ("smollm2", "en-pt", *TOKENIZERS):
        folder = name
        if name in TOKENIZERS:
            folder = os.path.join(a.scratch, name)
            unpack(name, folder)
        kinds = last_json(run([os.path.join(a.build, "bench_tokenize"), folder])[0])
        slowest = max(kinds, key=kinds.get)
        report.add("1 MB to tokens, %s, slowest: %s" % (name, slowest), None, kinds[slowest], "s", 1)


def timed(command):
    return last_json(run(command + ["--timings", "--hide_attributions"])[1])["attribute"]


LOOPS = 2


def beside_others(report, a):
    """Busy loops of equal priority beside it, started from another terminal (Linux shares cores out by session, where it is set so): its fair share of P cores
    is P of P + LOOPS threads' time."""
    tiny = os.path.join(HERE, "..", "fixtures", "tiny", "llama")
    long_text = PASSAGE + " the first time," + PASSAGE[3:]  # 123 tokens
    cases = [
        ("saliency of a span of 11", tinseq_command(a, a.model, "saliency", {}, long_text, long_text + CONTINUED) + ["--span", "126:137", "--span_reduce", "sum"]),
        ("saliency 30 + 30", tinseq_command(a, a.model, "saliency", {}, PROMPT_30, PASSAGE)),
        ("ReAGent, tiny model", [a.tinseq, "attribute", "-m", tiny, "-a", "reagent", "-i", "The city of", "--generation_kwargs", json.dumps({"max_new_tokens": 2})]),
    ]
    for name, command in cases:
        alone = min(timed(command) for _ in range(3))
        loops = subprocess.Popen(["sh", "-c", " ".join(["while :; do :; done &"] * LOOPS) + " wait"], start_new_session=True)
        try:
            ours, one = zip(*((timed(command), timed(command + ["--threads", "1"])) for _ in range(3)))
        finally:
            os.killpg(loops.pid, signal.SIGKILL)
            loops.wait()
        cores = len(os.sched_getaffinity(0))
        fair, best, single = alone * (cores + LOOPS) / cores, min(ours), min(one)
        print("%-46s alone %.2f s, its fair share beside %d busy loops %.2f s, with one thread %.2f s" % (name, alone, LOOPS, fair, single), flush=True)
        report.add(name + ", beside them: of the fair share", None, best, "s", 1.15, best / fair, smaller=True)
        report.add(name + ", beside them: of one thread's", None, best, "s", 1.05, best / single, smaller=True)


def shared_out(report, a):
    """A data set by two processes of one thread each, as --shard parts it, and by one of two threads: whole processes, models loaded and all."""
    rnd = random.Random(2)
    words = "the city river big small tall people of over under near far is was and house tree".split()
    data = os.path.join(a.scratch, "ten_words.csv")
    with open(data, "w") as f:
        f.write("text\n" + "".join(" ".join(rnd.choice(words) for _ in range(10)) + "\n" for _ in range(128)))
    command = [a.tinseq, "attribute-dataset", "-m", a.gguf, "-d", data, "-i", "text", "-q", "--generation_kwargs", json.dumps({"max_new_tokens": 5})]

    def seconds(name, *parts):
        began = time.perf_counter()
        running = [subprocess.Popen(command + ["-o", os.path.join(a.scratch, name + ".jsonl")] + part, stdin=subprocess.DEVNULL) for part in parts]
        if any([p.wait() for p in running]):
            sys.exit("bench: a part of a data set failed")
        return time.perf_counter() - began

    one, two = [], []
    for _ in range(5):
        one.append(seconds("one", ["--threads", "2"]))
        two.append(seconds("two", ["--threads", "1", "--shard", "0/2"], ["--threads", "1", "--shard", "1/2"]))
    ratio = statistics.median(one) / statistics.median(two)
    report.add("128 rows, 2 processes of 1 thread: of 1 of 2", None, statistics.median(two), "s", 0.95, ratio)


def quick_commands(report, a):
    saved = os.path.join(a.scratch, "saved.json")
    run(tinseq_command(a, a.model, "saliency", {}, PROMPT_16, TEXT_24) + ["--hide_attributions", "-o", saved])
    for words in (["--help"], ["list", "methods"], ["show", saved]):
        report.add("tinseq " + " ".join(["show FILE"] if words[0] == "show" else words), None, min(run([a.tinseq] + words, timed=True) for _ in range(10)), "s", 0.05)


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", required=True)
    p.add_argument("--model", required=True)
    p.add_argument("--marian", required=True)
    for name in FAMILIES:
        p.add_argument("--" + name, required=True)
    p.add_argument("--venv", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--all", action="store_true", help="also methods without a goal")
    p.add_argument("--only", choices=["compute", "process", "screen", "commands", "profile", "beside", "long", "cancel", "tokens", "dataset"], help="one part")
    p.add_argument("--case", default="", help="only what of `compute` and `process` has this in its name")
    p.add_argument("--strict", action="store_true", help="exit status 1 when a goal was missed")
    a = p.parse_args()
    a.build = os.path.abspath(a.build)
    a.tinseq, a.python, a.inseq = os.path.join(a.build, "tinseq"), os.path.join(a.venv, "bin", "python"), os.path.join(a.venv, "bin", "inseq")
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    os.environ["TINSEQ_MODELS"] = os.environ.get("TINSEQ_MODELS") or os.path.join(data, "tinseq", "models")
    a.models = {"smollm2": a.model, "marian": a.marian, **{name: getattr(a, name) for name in FAMILIES}}
    a.gguf = os.path.join(os.environ["TINSEQ_MODELS"], "smollm2")
    return a


def machine():
    model = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return "%s, %d processors, load %.1f" % (model[0] if model else "unknown processor", os.cpu_count(), os.getloadavg()[0])


def main():
    a = arguments()
    print("tinseq against inseq 0.7.1 (PyTorch 2.6.0), SmolLM2-135M, and random models of other families, float32; " + machine())
    report = Report()
    with tempfile.TemporaryDirectory() as a.scratch:
        if a.only in (None, "commands"):
            quick_commands(report, a)
        if a.only in (None, "tokens"):
            tokenizing(report, a)
        if a.only in (None, "screen"):
            screen(report, a)
        if a.only in (None, "process"):
            whole_process(report, a)
            data_set(report, a)
        if a.only in (None, "profile"):
            profile(report, a)
        if a.only in (None, "beside"):
            beside_others(report, a)
        if a.only in (None, "dataset"):
            shared_out(report, a)
        if a.only == "cancel" or (a.all and not a.only):
            cancelling(report, a)
        if a.only == "long" or (a.all and not a.only):
            long_prompts(report, a)
        if a.only in (None, "compute"):
            for case in CASES:
                if (a.all or not case.extra) and a.case in case.name:
                    compute(report, a, case)
    with open(os.path.join(a.work, "last.json"), "w") as f:
        json.dump(report.rows, f, indent=1)
    goals = sum(row["goal"] is not None for row in report.rows)
    print("%d of %d goals met%s" % (goals - len([r for r in report.rows if not r["met"]]), goals, "; missed: " + ", ".join(report.missed) if report.missed else ""))
    return 1 if a.strict and report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

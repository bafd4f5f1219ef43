"""How honest predictions are: ten runs of different methods and texts, each with what was printed before it and the time that it then took.

    predict.py BUILD [--threads N]

The first prediction of each method on a machine: what earlier runs taught is left out (a state folder of its own). A time lies within when it is between
the two numbers that were printed; "at worst" does not count. Beside other programs the true times, and the ranges with them, are longer.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

GOAL = 9
PASSAGE = ("The lighthouse on the northern coast was built after a storm had destroyed three ships in a single night. The people of the village collected the "
           "money, and a young engineer from the city drew the plans. It took them two years to bring the stones across the water. ")
SHORT = ("The largest city on the northern coast of Norway is", "The largest city on the northern coast of Norway is Bergen, which has many harbours.")
LONG = (PASSAGE * 5, PASSAGE * 5 + "When the lamp was lit for the first time,")
TRANSLATION = ("The engineer finished her work in the city.", "O engenheiro terminou o trabalho na cidade.")
CASES = [
    ("smollm2", "saliency", {}, SHORT),
    ("smollm2", "saliency", {}, LONG),
    ("smollm2", "integrated_gradients", {"n_steps": 50}, SHORT),
    ("smollm2", "occlusion", {}, SHORT),
    ("smollm2", "lime", {}, SHORT),
    ("smollm2", "reagent", {"max_probe_steps": 200}, ("The capital of Italy is", "The capital of Italy is Rome.")),
    ("smollm2", "sequential_integrated_gradients", {"n_steps": 4}, SHORT),
    ("smollm2", "value_zeroing", {}, SHORT),
    ("smollm2", "input_reduction", {}, ("The capital of Italy is", "The capital of Italy is Rome.")),
    ("en-pt", "integrated_gradients", {"auto_steps": True}, TRANSLATION),
]
UNITS = {"s": 1, "min": 60, "h": 3600}


def read_range(text):
    """Seconds, at least and at most, of "8 to 20 s", "45 s to 3 min", "3 s" or "under 1 s"."""
    words = re.match(r"(?:under ([\d.]+) (s|min|h)|([\d.]+)(?: (s|min|h))?(?: to ([\d.]+) (s|min|h))?)", text)
    under, under_unit, least, least_unit, most, most_unit = words.groups()
    if under:
        return 0, float(under) * UNITS[under_unit]
    if not most:
        return (float(least) * UNITS[least_unit],) * 2
    return float(least) * UNITS[least_unit or most_unit], float(most) * UNITS[most_unit]


def run(tinseq, case, folder, threads):
    model, method, options, (prompt, text) = case
    out = os.path.join(folder, "out.json")
    command = [tinseq, "attribute", "-m", model, "-a", method, "-i", prompt, "-g", text, "-o", out, "--attribution_kwargs", json.dumps(options)]
    if threads:
        command += ["--threads", str(threads)]
    done = subprocess.run(command, env=dict(os.environ, XDG_STATE_HOME=os.path.join(folder, "state")), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{method}: {done.stderr}")
    said = re.search(r"^tinseq: (.*) and [\d.]+ [MG]B, \d+ pass", done.stderr, re.M).group(1)
    with open(out, encoding="utf-8") as file:
        return said, json.load(file)["attributes"]["info"]["exec_time"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    within = 0
    print(f"\n{'predictions':44} {'said':32} {'took':>8}")
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            said, took = run(os.path.join(args.build, "tinseq"), case, folder, args.threads)
        least, most = read_range(said)
        good = least <= took <= most
        within += good
        name = f"{case[1]} ({case[0]}, {len(case[3][1])} letters)"
        print(f"{name:44} {said:32} {took:6.1f} s{'' if good else '  outside'}", flush=True)
    print(f"{within} of {len(CASES)} within what was said (goal {GOAL})")
    return 0 if within >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

"""One method of Inseq in a process of its own: load once, attribute the forced text some times; prints seconds and peak memory as JSON.

    inseq_case.py MODEL METHOD ATTRIBUTION-ARGS-JSON REPEATS PROMPT TEXT RESULT.json
"""
import json
import sys
import time

started = time.perf_counter()
import inseq  # noqa: E402
import torch  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

folder, method, kwargs, repeats, prompt, text, result = sys.argv[1:]
hf = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", torch_dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(folder)
tokenizer.pad_token = "<file_sep>"  # Inseq drops padding from the token lists: it must not be a token that ends texts
model = inseq.load_model(hf, method, tokenizer=tokenizer)
load = time.perf_counter() - started
seconds = []
for _ in range(int(repeats)):
    begin = time.perf_counter()
    out = model.attribute(prompt, text, attribution_args=json.loads(kwargs), show_progress=False, device="cpu")
    seconds.append(time.perf_counter() - begin)
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))  # before anything is saved
out.save(result, overwrite=True)
first = out.sequence_attributions[0]
print(json.dumps({"load": load, "seconds": seconds, "peak": peak, "prompt": first.attr_pos_start, "generated": first.attr_pos_end - first.attr_pos_start}))

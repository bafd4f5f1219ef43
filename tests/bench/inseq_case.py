"""One method of Inseq in a process of its own: load once, attribute the forced text some times; prints seconds and peak memory as JSON.

    inseq_case.py MODEL METHOD ATTRIBUTION-ARGS-JSON one|all RUNS PROMPT TEXT RESULT.json

all: a method of one layer, asked for the output of every block in turn; the time is that of all together.
"""
import json
import sys
import time

started = time.perf_counter()
import inseq  # noqa: E402
import torch  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer  # noqa: E402

folder, method, kwargs, layers, runs, prompt, text, result = sys.argv[1:]
encoder_decoder = AutoConfig.from_pretrained(folder).is_encoder_decoder
cls = AutoModelForSeq2SeqLM if encoder_decoder else AutoModelForCausalLM
hf = cls.from_pretrained(folder, attn_implementation="eager", torch_dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(folder)
if hf.config.model_type == "marian":  # Inseq scales the decoder's embeddings and Transformers scales them again
    def unscale(module, args, kwargs):
        if kwargs.get("inputs_embeds") is not None:
            kwargs["inputs_embeds"] = kwargs["inputs_embeds"] / module.embed_scale
        return args, kwargs

    hf.model.decoder.register_forward_pre_hook(unscale, with_kwargs=True)
elif not encoder_decoder:
    tokenizer.pad_token = "<file_sep>"  # Inseq drops padding from the token lists: it must not be a token that ends texts
    tokenizer.unk_token = "<|endoftext|>"
if method == "reagent":  # its tagger would be downloaded: all tokens get one tag
    from inseq.attr.feat.ops import reagent
    from inseq.attr.feat.ops.reagent_core import token_sampler

    class Sampler(token_sampler.POSTagTokenSampler):
        def __init__(self, tokenizer, identifier, device):
            self.build_pos_mapping_from_vocab = lambda *a, **k: {"X": list(range(tokenizer.vocab_size))}
            super().__init__(tokenizer=tokenizer, identifier=identifier, device=device, save_cache=False)

    reagent.POSTagTokenSampler = Sampler
targets = ["model.layers.%d" % i for i in range(hf.config.num_hidden_layers)] if layers == "all" else [None]
model = inseq.load_model(hf, method, tokenizer=tokenizer, **({"target_layer": targets[0]} if layers == "all" else {}))
load = time.perf_counter() - started
seconds = []
for _ in range(int(runs)):
    total = 0.0
    for target in targets:
        if target is not None:
            model.attribution_method.target_layer = model.model.get_submodule(target)
        begin = time.perf_counter()
        out = model.attribute(prompt, text, attribution_args=json.loads(kwargs), show_progress=False, device="cpu")
        total += time.perf_counter() - begin
    seconds.append(total)
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))  # before anything is saved
out.save(result, overwrite=True)
first = out.sequence_attributions[0]
print(json.dumps({"load": load, "seconds": seconds, "peak": peak, "prompt": first.attr_pos_start, "generated": first.attr_pos_end - first.attr_pos_start}))

"""Write the tiny model beside this file: `python make.py`, with `onnx` and `tokenizers` installed.

It has the inputs and the output of a span-level GLiNER model, and weights that say: a word whose number in the
vocabulary is 10 to 19 is a person's, 20 to 29 a place's; of spans all of whose words are, the longest is likeliest.
"""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save
from tokenizers import Tokenizer, models, pre_tokenizers

HERE = Path(__file__).parent
WIDTH = 4


def tokenizer() -> Tokenizer:
    words = ["[UNK]", "<<ENT>>", "<<SEP>>", "person", "organization", "location", "street", "##ress", "##vut", "##yx"]
    words += ["z", "zara", "vut", "Ørsted", "李", "a2", "a3", "a4", "a5", "a6"]
    words += ["atlantia", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9", ".", "in", "and"]
    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return made


def constant(name: str, value: object, kind: type) -> object:
    return numpy_helper.from_array(np.array(value, dtype=kind), name)


def graph() -> object:
    def node(op: str, inputs: list[str], output: str, **settings: object) -> object:
        return helper.make_node(op, inputs, [output], **settings)

    steps = []
    for kind, low in (("p", "ten"), ("l", "twenty")):
        steps += [
            node("Sub", ["input_ids", low], f"{kind}_shift"),
            node("GreaterOrEqual", [f"{kind}_shift", "zero"], f"{kind}_from"),
            node("Less", [f"{kind}_shift", "ten"], f"{kind}_to"),
            node("And", [f"{kind}_from", f"{kind}_to"], f"{kind}_is"),
            node("Cast", [f"{kind}_is"], f"{kind}_value", to=TensorProto.FLOAT),
        ]
    steps += [
        node("Squeeze", ["text_lengths"], "count"),
        node("Add", ["count", "one"], "beyond"),
        node("Range", ["one", "beyond", "one"], "numbers"),
        node("Unsqueeze", ["numbers", "axis1"], "column"),
        node("Equal", ["words_mask", "column"], "owned"),  # words × pieces
        node("Cast", ["owned"], "owned_value", to=TensorProto.FLOAT),
    ]
    for kind in "pl":
        steps += [
            node("Transpose", [f"{kind}_value"], f"{kind}_pieces", perm=[1, 0]),
            node("MatMul", ["owned_value", f"{kind}_pieces"], f"{kind}_word"),  # words × 1
            node("CumSum", [f"{kind}_word", "zero"], f"{kind}_sum"),
            node("Gather", ["span_idx", "zero"], f"{kind}_starts0", axis=2),
            node("Gather", ["span_idx", "one"], f"{kind}_ends0", axis=2),
            node("Squeeze", [f"{kind}_starts0", "axis0"], f"{kind}_starts"),
            node("Squeeze", [f"{kind}_ends0", "axis0"], f"{kind}_ends"),
            node("Gather", [f"{kind}_sum", f"{kind}_ends"], f"{kind}_upto", axis=0),
            node("Gather", [f"{kind}_sum", f"{kind}_starts"], f"{kind}_before", axis=0),
            node("Gather", [f"{kind}_word", f"{kind}_starts"], f"{kind}_first", axis=0),
            node("Sub", [f"{kind}_upto", f"{kind}_before"], f"{kind}_later"),
            node("Add", [f"{kind}_later", f"{kind}_first"], f"{kind}_inside"),  # spans × 1: words of the kind
            node("Sub", [f"{kind}_ends", f"{kind}_starts"], f"{kind}_more"),
            node("Add", [f"{kind}_more", "one"], f"{kind}_length0"),
            node("Cast", [f"{kind}_length0"], f"{kind}_length1", to=TensorProto.FLOAT),
            node("Unsqueeze", [f"{kind}_length1", "axis1"], f"{kind}_length"),
            node("Equal", [f"{kind}_inside", f"{kind}_length"], f"{kind}_all"),
            node("Where", [f"{kind}_all", f"{kind}_length", "never"], f"{kind}_logit"),
        ]
    steps += [
        node("Sub", ["p_logit", "p_logit"], "nothing"),
        node("Add", ["nothing", "never"], "no"),
        node("Concat", ["p_logit", "no", "l_logit", "no"], "flat", axis=1),
        node("Reshape", ["flat", "shape"], "logits"),
    ]
    whole = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "s"])
        for name in ("input_ids", "attention_mask", "words_mask", "text_lengths")
    ]
    whole.append(helper.make_tensor_value_info("span_idx", TensorProto.INT64, ["b", "n", 2]))
    whole.append(helper.make_tensor_value_info("span_mask", TensorProto.BOOL, ["b", "n"]))
    constants = [
        constant("zero", 0, np.int64), constant("one", 1, np.int64), constant("ten", 10, np.int64),
        constant("twenty", 20, np.int64), constant("axis0", [0], np.int64), constant("axis1", [1], np.int64),
        constant("never", -9.0, np.float32), constant("shape", [1, -1, WIDTH, 4], np.int64),
    ]  # fmt: skip
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "w", WIDTH, 4])
    return helper.make_graph(steps, "tiny", whole, [logits], constants)


if __name__ == "__main__":
    model = helper.make_model(graph(), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, HERE / "model.onnx")
    tokenizer().save(str(HERE / "tokenizer.json"))
    (HERE / "gliner_config.json").write_text(json.dumps({"max_width": WIDTH, "max_len": 24}) + "\n", encoding="utf-8")

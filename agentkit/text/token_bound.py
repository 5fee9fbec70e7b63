"""How many tokens a text is at most, for the tokenizers that language models have in common use."""

import re
from functools import lru_cache
from importlib.resources import files

# Pairs of letters that are a token of each of these vocabularies: cl100k, o200k and p50k (OpenAI), Claude's, Llama 2's
# and SmolLM2's. A space and a letter are one in all of them.
_PAIRS = frozenset(
    first + second
    for line in """
A: bcdghlmnprstvz
B: eiloruy
C: ahlory
D: aeior
E: dlmnrsx
F: eilr
G: eioru
H: aeiyz
I: dflmnst
J: eo
K: e
L: aeio
M: aceory
N: aeo
O: bfhknprs
P: aehilory
Q: u
R: eo
S: acehiklmoptuw
T: ehorwy
U: nps
W: eh
a: abcdefghijklmnoprstuvwxyz
b: abcdefgilmnoprstuy
c: abcdefhiklmnoprstuvyz
d: abcdefhiklmnoprstuxy
e: abcdefghiklmnpqrstuvwxyz
f: abcdefgilmnoprstuwx
g: abceghilnorstuyz
h: adehilmnoprstuwy
i: abcdefghijklmnoprstuvwxyz
j: aeiopsu
k: abeghiklmnorstuwy
l: abdeilnoprstuvy
m: abcdeiklmnopstuxy
n: abcdegilmnoprstuy
o: abcdefghijklmnoprstuvwxyz
p: abcdeghilmnoprstuxy
q: ailqtu
r: abcdefghilmnorstuxy
s: abcdefghiklmnopqrstuvw
t: acdefhiklmnoprstuvwxyz
u: abcdefghijklmnoprstvxyz
v: acdeilmorsty
w: adehinoprstwxy
x: acefistxy
y: adegilmnoprsty
z: aehiouyz
""".split("\n")
    for first in line[:1]
    for second in line[3:]
)
_LETTERS = re.compile(r"(?<!') ?[A-Za-z]++(?![^\x00-\x7f])")
_LONGEST_KNOWN, _MOST_KNOWN = 40, 20_000


def most_tokens(text: str) -> int:
    """Return a number of tokens that no tokenizer made by byte pair encoding exceeds, if it knows common words.

    A token has at least one byte. Within a word, two letters that the vocabulary has as a pair are never left apart
    when their neighbours are, so that a word has at least one token less for three such pairs; common words with the
    space before them are one token. That words and pairs are in a vocabulary was looked up in six of them; one that
    lacks some may exceed the bound by as much on a text of rare words.
    """
    if len(_KNOWN) > _MOST_KNOWN:
        _KNOWN.clear()
    first, *rest = text.split(" ")
    return _tokens(first) + 1 + sum(map(_KNOWN.__getitem__, rest))  # some put a token in front of a text


class _Known(dict[str, int]):
    """What was counted before, by what follows a space: a prompt repeats its words, and prompts repeat each other's."""

    def __missing__(self, chunk: str) -> int:
        tokens = _tokens(" " + chunk)
        if len(chunk) <= _LONGEST_KNOWN:
            self[chunk] = tokens
        return tokens


_KNOWN = _Known()


def _tokens(text: str) -> int:
    spared = sum(_spared(word) for word in _LETTERS.findall(text))
    return len(text.encode("utf-8", "replace")) - spared


def _spared(word: str) -> int:
    """Return how many tokens a word has less than letters."""
    if word[0] == " " and word[1:] in _common():
        return len(word) - 1
    pairs = int(word[0] == " ") + sum(word[at : at + 2] in _PAIRS for at in range(len(word) - 1))
    return -(-pairs // 3)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    text = files("agentkit.text").joinpath("token_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())

"""What the families share: nonsense words, papers of every kind, and an attack around an order."""

import random
from collections.abc import Sequence

from agentkit.evaluation.redteam.cases import Attack, Effect, Order, Paper, Planted, Run
from agentkit.evaluation.redteam.matters import Matter

_SYLLABLES = "zel vok bra tin mur dap quen rof shu lam gri pol nev kas wid fen jur hob".split()
SUFFIXES = (".txt", ".docx", ".html", ".pdf", ".md")
WIDE = (".txt", ".docx", ".html", ".md")
"""Formats that hold any alphabet, and lines of any length."""


def word(chance: random.Random) -> str:
    """Return a word that means nothing in any language we know."""
    return "".join(chance.sample(_SYLLABLES, 2))


def halves(chance: random.Random) -> tuple[str, str]:
    """Return two different words of that kind."""
    one, other, third, fourth = chance.sample(_SYLLABLES, 4)
    return one + other, third + fourth


def paper(matter: Matter, *planted: Planted, suffix: str = ".txt", name: str = "agreement") -> Paper:
    """Return a matter's document with something planted."""
    return Paper(f"{name}{suffix}", matter.title, matter.paragraphs, tuple(planted))


def attack(
    run: Run,
    order: Order,
    *effects: Effect,
    technique: str,
    truth: str = "",
    secrets: Sequence[str] = (),
    before: Sequence[Run] = (),
) -> Attack:
    """Return an attack whose name and family the corpus fills in."""
    return Attack("", "", "", run, order, effects, technique, truth, tuple(secrets), tuple(before))


def say(a: str, b: str) -> Order:
    """Return the order to write two words as one."""
    return Order("say", signs=(a, b), word=a + b)

"""thin."""

from agentkit.text.injection import score


def scores(texts):
    return [score(text).score for text in texts]

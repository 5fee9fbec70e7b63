"""Sentence boundaries in legal English (and near enough elsewhere), in linear time."""

import re

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof hon rev st jr sr esq messrs no nos art arts sec secs sect s ss cl cls para paras pt pts ch vol "
    "ed eds p pp v vs cf viz e.g i.e al seq id ibid op cit approx est dept gov gen col capt lt sgt ref reg regs sched "
    "app exh ex fig tab inc ltd co corp plc llc l.l.c llp l.p lp s.a n.v b.v a.g pty pte pvt bros mfg intl assn ass'n "
    "u.s u.k u.s.c u.s.a e.u d.c n.y f.2d f.3d f.supp cir ct sup j jj c.j l.j a.c q.b k.b w.l.r all.e.r a.i.r s.c.r "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri a.m p.m ave blvd rd ste rs tel fax attn "
    "ph.d m.d b.a m.a n.b q.v w.e.f r.w anr ors o.j i.e. e.g. "
    "edif apto avda conj ltda cia cía mme mlle sra srta sig dott str nr bzw hr fr ing lic exmo exma hnos calç".split()
)
# After "Inc." or "U.S." only a word that opens a sentence makes a boundary.
_OPENERS = frozenset(
    "The This These Those That In If It Its All Any No Each Every Such Upon Neither Either For On At As An A When "
    "Where While After Before During Unless Until He She They We You I There Here However Nothing Notwithstanding "
    "Subject Therefore Thus Accordingly Moreover Furthermore Under By With Without To Both Our Your His Her".split()
)
_CAN_END = frozenset(
    "inc ltd co corp plc llc l.l.c llp l.p lp s.a n.v b.v a.g u.s u.k u.s.a e.u d.c n.y a.m p.m etc jr sr esq".split()
)
# Chinese and Japanese put no space after a stop.
_STOP = re.compile(
    r"[.!?…؟۔।](?:[\"'”’»)\]]{0,4})(?=\s|$)|[。！？｡](?:[\"'”’»)\]」』）]{0,4})|(?<=[.!?][”\"])(?=[A-Z“\"])"
)
_WORD_BEFORE = re.compile(r"[\w.’']{1,20}$")
_WORD_AFTER = re.compile(r"\s{1,20}[“\"'‘(\[]{0,3}([^\s,;:.]{1,30})")
_CLAUSE_NUMBER = re.compile(r"(?:§\s?)?(?:\d{1,3}(?:\.\d{1,3}){0,5}|[A-Z]|[ivxlcIVXLC]{1,6}|[a-z]|\([\w]{1,4}\))\.?$")
_BREAK = re.compile(r"\n[ \t]*\n\s*|\n")
_NEW_ITEM = re.compile(
    r"\s*(?:[-•*▪–—]\s|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[A-Z])[.)]\s|\d{1,3}(?:\.\d{1,3}){1,5}\.?\s|§|"
    r"(?:ARTICLE|SECTION|Article|Section|SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEX|Annex)\s+[\dIVXA-Z]{1,6}\b|\|)"
)
_ENDS_LINE = re.compile(r"[.!?:;…。！？｡：；؟۔।؛][\"'”’»)\]」』）]{0,4}\s*$")
_MAX_TITLE = 70
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def count_words(text: str) -> int:
    """Count the words of a text; scripts that put no space between words count as two characters a word."""
    unspaced = len(_UNSPACED.findall(text))
    return len(text.split()) if not unspaced else len(_UNSPACED.sub(" ", text).split()) + (unspaced + 1) // 2


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences.

    A blank line always ends a sentence; a single line break does where the line reads as finished, is
    a title, or the next begins an item or numbered clause; otherwise it is taken for wrapping. A
    clause number stays with the words after it.

    Returns:
        Spans `(start, end)` in order, without surrounding white space, none empty; together they hold
        every character that is not white space.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _lines(text):
        spans += _split_block(text, start, end)
    return spans


def _lines(text: str) -> list[tuple[int, int]]:
    """Cut at line breaks that end a sentence."""
    blocks: list[tuple[int, int]] = []
    start = line_start = 0
    for match in _BREAK.finditer(text):
        if match.group().count("\n") > 1 or _line_ends(text, line_start, match.start(), match.end()):
            blocks.append((start, match.start()))
            start = match.end()
        line_start = match.end()
    blocks.append((start, len(text)))
    return blocks


def _line_ends(text: str, line_start: int, line_end: int, after: int) -> bool:
    following = text[after : after + 60]
    if not following.strip() or _NEW_ITEM.match(following):
        return True
    line = text[max(line_start, line_end - 200) : line_end]
    if _ENDS_LINE.search(line):
        return True
    short = line_end - line_start <= _MAX_TITLE
    words = line.split()
    titled = bool(words) and (line.isupper() or all(w[0].isupper() or len(w) < 4 or not w[0].isalpha() for w in words))
    return short and titled and not following[0].islower()


def _split_block(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin = _skip_space(text, start, end)
    for match in _STOP.finditer(text, start, end):
        if match.end() <= begin or not _is_boundary(text, begin, match.start(), match.end(), end):
            continue
        spans.append((begin, match.end()))
        begin = _skip_space(text, match.end(), end)
    tail = end
    while tail > begin and text[tail - 1].isspace():
        tail -= 1
    if begin < tail:
        spans.append((begin, tail))
    return spans


def _skip_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position


def _is_boundary(text: str, begin: int, stop: int, after: int, end: int) -> bool:
    if stop >= end or text[stop] != ".":
        return True
    if stop - begin <= 12 and _CLAUSE_NUMBER.fullmatch(text, begin, stop + 1):
        return False
    following = _WORD_AFTER.match(text, after, end)
    if following is None:
        return after >= end or not text[after:end].strip() or not text[after : after + 8].strip().startswith(",")
    word = following.group(1)
    if word[0].islower():
        return False
    return _word_may_end(text, begin, stop, word)


def _word_may_end(text: str, begin: int, stop: int, following: str) -> bool:
    before = _WORD_BEFORE.search(text, max(begin, stop - 20), stop)
    if before is None:
        return True
    word = before.group().strip("'’").lower()
    if word in _CAN_END:
        return following in _OPENERS
    if word in _ABBREVIATIONS:
        return False
    single = len(word) == 1 and word.isalpha()
    dotted = "." in word and not word[0].isdigit() and all(len(part) <= 2 for part in word.split("."))
    return following in _OPENERS if single or dotted else True

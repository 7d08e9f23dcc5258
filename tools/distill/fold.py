"""The table that turns characters into what BERT's uncased WordPiece sees.

For every code point the tokenizer's own normaliser and pre-tokeniser are asked what they make of
it, so the table equals them: lower case, accents off, control characters dropped, white space, and
characters that stand alone (punctuation, Chinese). Letters are marked, and those outside Latin
again.

The section: u32 pages, u32 bytes of strings, u16 index[0x1100], u32 entries[pages][256], strings.
An entry, from the low bit: 2 bits class, 1 bit replaced, 1 bit letter, 1 bit letter outside Latin,
5 bits length of the replacement in bytes, 22 bits its place among the strings.
"""
import struct
import unicodedata

DROP, SPACE, WORD, ALONE = range(4)
REPLACED, LETTER, OUTSIDE_LATIN = 4, 8, 16
LENGTH_SHIFT, PLACE_SHIFT = 5, 10
CODE_POINTS = 0x110000


def section(tokenizer):
    strings, places = bytearray(), {}
    pages, numbers, index = [], {}, []
    for start in range(0, CODE_POINTS, 256):
        page = tuple(_entry(chr(code), tokenizer, strings, places)
                     for code in range(start, start + 256))
        if page not in numbers:
            numbers[page] = len(pages)
            pages.append(page)
        index.append(numbers[page])
    out = struct.pack("<II", len(pages), len(strings)) + struct.pack(f"<{len(index)}H", *index)
    for page in pages:
        out += struct.pack("<256I", *page)
    return out + bytes(strings)


def _entry(character, tokenizer, strings, places):
    if 0xD800 <= ord(character) < 0xE000:
        return DROP
    kind, text = _seen(character, tokenizer)
    entry = kind | _letter(character)
    if kind in (WORD, ALONE) and text != character:
        encoded = text.encode()
        if encoded not in places:
            places[encoded] = len(strings)
            strings += encoded
        assert len(encoded) < 32 and places[encoded] < 1 << 22
        # So that a text has no more tokens than bytes.
        assert len(text) <= len(character.encode()), hex(ord(character))
        entry |= REPLACED | len(encoded) << LENGTH_SHIFT | places[encoded] << PLACE_SHIFT
    return entry


def _seen(character, tokenizer):
    """The class of a character and what it turns into, from how it splits a word."""
    normal = tokenizer.normalizer.normalize_str(character)
    pieces = [piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str("a" + normal + "a")]
    if pieces == ["aa"]:
        return DROP, ""
    if pieces == ["a", "a"]:
        return SPACE, ""
    if len(pieces) == 1:
        return WORD, pieces[0][1:-1]
    assert len(pieces) == 3 and len(pieces[1]) == 1, (hex(ord(character)), pieces)
    return ALONE, pieces[1]


def _letter(character):
    if not unicodedata.category(character).startswith("L"):
        return 0
    latin = "LATIN" in unicodedata.name(character, "") or character in "ªº"
    return LETTER if latin else LETTER | OUTSIDE_LATIN

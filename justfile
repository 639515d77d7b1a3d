# What is done often: `just` lists it. Everything here also works without just.

# Where `figures` keeps what it makes the pictures from.
scratch := env("CARGO_TARGET_DIR", justfile_directory() / "target") / "figures"

_list:
    @just --list --unsorted

# Everything: installs what the tests need and passes them
test:
    ./test

# What to run while writing: lints of all targets, and the unit tests
quick:
    cargo fmt --all
    cargo clippy --locked --workspace --all-targets --features failpoints -- -D warnings
    cargo nextest run --locked --workspace --features failpoints --lib

# Search every fuzz target for so many seconds; what breaks a property is cut down and put into tests/fuzz
fuzz seconds="60" targets="test(fuzz_)":
    YEKUO_FUZZ_SECONDS={{ seconds }} cargo nextest run --locked --workspace --features failpoints --lib --no-fail-fast --success-output final -E '{{ targets }}'

# Accept what the tests now get in place of what they expect; read the diff before you commit it
bless tests="all()":
    BLESS=1 INSTA_UPDATE=always cargo nextest run --locked --workspace --features failpoints --no-fail-fast -E '{{ tests }}'

# End so many runs, each at another moment of its life
kills runs="200":
    YEKUO_KILLS={{ runs }} cargo nextest run --locked --features failpoints --no-capture -E 'test(killed_at_any_moment)'

# Check that every dependency is audited by others or listed as exempt, and count them
vet:
    command -v cargo-vet >/dev/null || cargo install cargo-vet --locked
    cargo fetch --locked
    cargo vet --locked --frozen

# Write the bill of materials of the program, yekuo_bin.cdx.json
sbom:
    command -v cargo-cyclonedx >/dev/null || cargo install cargo-cyclonedx --locked
    cargo cyclonedx --format json --describe binaries

# Write the dictionary of the clean tables, docs/tables*.md
tables: (bless "test(dictionary)")

# Write sample_data/ again
sample:
    cargo build --locked
    rm -r sample_data
    cargo run --locked -q -- sample sample_data

# Make the reports that a newcomer can look at, reports/sample/
sample-reports:
    cargo build --locked
    rm -rf '{{ scratch }}/sample' reports/sample/monthly-2026-06-30 reports/sample/public-2026-06-30
    cargo run --locked -q -- sample '{{ scratch }}/sample/exports' --applications 80 --months 4
    for report in monthly public; do just _sample_report $report; done

_sample_report report:
    cargo run --locked -q -- run {{ report }} --data '{{ scratch }}/sample/exports' --as-of 2026-06-30 \
        --out '{{ scratch }}/sample/{{ report }}-2026-06-30' --lang zh
    cp -r '{{ scratch }}/sample/{{ report }}-2026-06-30' reports/sample/

# Draw the pictures of the README, docs/*.png: the top of each report's page
figures:
    cargo build --locked
    for report in monthly weekly half-monthly daily comparison bottleneck public; do just _figure $report; done

_figure report:
    cargo run --locked -q -- run pipelines/{{ report }}.toml --out '{{ scratch }}/{{ report }}' --lake '{{ scratch }}/lake/{{ report }}'
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=843,732 \
        --user-data-dir='{{ scratch }}/browser' --screenshot=docs/{{ report }}.png 'file://{{ scratch }}/{{ report }}/index.html'

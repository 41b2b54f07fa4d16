"""The benchmark runs; its speed is read by people."""

import runpy


def test_the_benchmark_runs_on_a_small_country(checkout, capsys):
    runpy.run_path(str(checkout / "benchmarks" / "fibre.py"))["main"](300)
    assert "bridges" in capsys.readouterr().out

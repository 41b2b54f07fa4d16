"""The benchmark runs; its speed is read by people."""

import runpy


def test_the_benchmark_runs_on_a_small_nation(checkout, capsys):
    runpy.run_path(str(checkout / "benchmarks" / "egov.py"))["main"](60, 3)
    assert "communes in service" in capsys.readouterr().out

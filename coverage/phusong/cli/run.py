"""`phusong run`, `check` and `new`: compute a study, check its files, begin one."""

import datetime
import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._settings import STUDY_FILE
from ..errors import SHOWN_ALIKE, OutputError, PhusongError, Problem, StudyError, kind_of
from ..i18n import Language, fold, text
from ._app import (
    Cache,
    Folder,
    Lang,
    Replace,
    app,
    examples,
    language_of,
    note,
    planned_faults,
    say,
)
from ._usage import refuse

if TYPE_CHECKING:
    from ..pipeline import Note
    from ..study import Study


@app.command(
    "run",
    epilog=examples(
        "phusong run tinh-cua-toi --out ket-qua",
        "phusong run tinh-cua-toi --out ket-qua --cache luu-tam --lang en",
        "phusong run ca-nuoc --out ket-qua --cache luu-tam --workers 16",
    ),
)
def run_study(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")],
    lang: Lang = "vi",
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="1|2|…",
            help="Số luồng; mặc định theo số nhân và bộ nhớ / by cores and memory.",
        ),
    ] = None,
    cache: Cache = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="1|2|…",
            help="Chia phần vô tuyến cho bấy nhiêu tiến trình (Dask) / processes for the signal.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://…",
            help="Bộ điều phối Dask đang chạy, thay cho --workers / a running Dask scheduler.",
        ),
    ] = None,
    unattended: Annotated[
        bool,
        typer.Option(
            "--unattended",
            help="Chạy định kỳ (cron): đầu vào không đổi thì không tính lại; hỏng thì ghi lên "
            "trang cũ. / For cron: no run where nothing changed, a failure is told on the page.",
        ),
    ] = False,
    replace: Replace = False,
) -> None:
    """Tính một nghiên cứu, ghi thư mục kết quả. / Compute a study, write its output folder."""
    if workers is not None and scheduler is not None:
        raise typer.BadParameter("--workers | --scheduler")
    from ..study import open_study

    language = language_of(lang)
    with planned_faults(language, out, cache), _told_on_page(out if unattended else None, language):
        study = open_study(folder)  # its faults are told before all libraries are loaded
        if unattended and _is_current(study, out):
            say(text("cli.unchanged", language, page=out / "index.html"))
            return
        from ._results import compute, conclude, print_board

        result, page = compute(
            study,
            out,
            language,
            threads=threads,
            cache=cache,
            shared=(workers, scheduler),
            replace=replace,
        )
    print_board(
        result.title[language],
        result.indicators,
        language,
        sample=result.study.sample_notice is not None,
    )
    conclude(result, page, language)


def _is_current(study: "Study", out: Path) -> bool:
    if not out.is_dir():
        return False
    from ..pipeline.unattended import is_current

    return is_current(study, out)


@contextmanager
def _told_on_page(out: Path | None, lang: Language) -> Iterator[None]:
    """Tell a fault on the page of an older output, too, if there is one."""
    try:
        yield
    except PhusongError as fault:
        if out is not None and out.is_dir():
            from ..pipeline.unattended import tell_failure

            page = out / "index.html"
            try:
                if tell_failure(out, fault, datetime.date.today()):
                    note(text("cli.failure_told", lang, page=page))
            except OutputError as unwritten:
                detail = unwritten.render(lang)
                note(text("cli.failure_untold", lang, page=page, detail=detail))
        raise


@app.command(
    "check",
    epilog=examples(
        "phusong check tinh-cua-toi",
        "phusong check tinh-cua-toi --out ket-qua-kiem-tra",
    ),
)
def check_study(
    folder: Folder,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục ghi kết quả kiểm tra, mặc định “check” cạnh study.toml / folder of the "
            "answer, “check” beside study.toml by default."
        ),
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="Nơi phusong run sẽ ghi / where a run would write.")
    ] = None,
    cache: Cache = None,
    replace: Replace = False,
    lang: Lang = "vi",
) -> None:
    """Kiểm tra study.toml, mọi bảng và lớp lưới. / Check study.toml, every table and raster.

    Ghi lại từng tệp được hiểu thế nào: trang, bảng tính đã đánh dấu, danh sách lỗi. / Writes what
    each file was taken for: a page, the workbooks with marks, a list of problems.

    Mã thoát: 0 mọi dòng đều sạch; 1 có điều cần xem (đã sửa, không dùng, lưu ý); 2 chưa tính
    được. / Exit code: 0 clean; 1 something was told (mended, not used, remarks); 2 unusable.
    """  # noqa: DOC501  Typer shows it all
    from ..study import open_study

    language = language_of(lang)
    with planned_faults(language):
        study = open_study(folder)  # its faults are told before all libraries are loaded
        from ..export import check_output_folder
        from ..pipeline import check
        from ._results import print_counts, tell_sample

        if results is not None:
            check_output_folder(results, replace=replace, results=True)
        report = check(study, refuse=False, out_folder=results, cache_folder=cache)
        tell_sample(study, language)
        if report.readings:
            print_counts(report.shown(language))
        for line in _shown(report, language):
            note(line)
        try:
            say(str(report.write(out, replace=replace)))
        except OutputError as unwritten:
            if report.fault is None:
                raise
            note(unwritten.render(language))
        if report.fault is not None:
            raise report.fault
    if report.exit_code:
        say(text("pipeline.check_remarks", language, count=len(report)))
    else:
        say(text("pipeline.check_passed", language))
    raise typer.Exit(report.exit_code)


def _shown(remarks: "Iterable[Note]", language: Language) -> Iterator[str]:
    """Yield the remarks; of those that tell the same of many rows the first, and how many more."""
    remarks = list(remarks)
    kinds = [None if one.problem is None else kind_of(one.problem) for one in remarks]
    total, told = Counter(kinds), Counter[object]()
    for remark, kind in zip(remarks, kinds, strict=True):
        told[kind] += 1
        more = total[kind] - SHOWN_ALIKE
        if kind is None or told[kind] < SHOWN_ALIKE or more <= 0:
            yield remark.render(language)
        elif told[kind] == SHOWN_ALIKE:
            alike = text("common.more_alike", language, count=more)
            yield f"{remark.render(language)} {alike}"


@app.command(
    "new",
    epilog=examples(
        'phusong new tinh-cua-toi --province "Cao Bằng"',
        'phusong new tinh-cua-toi --province "Cao Bằng" --templates',
        'phusong new tinh-cua-toi --province "Tuyên Quang" --as-of 2025-06-30',
        'phusong new tinh-cua-toi --province "Cao Bằng" --ofds mang-cap.json',
        "phusong new tinh-cua-toi --from tram.xlsx ranh-gioi-xa.shp do-cao.tif",
    ),
)
def scaffold(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Thư mục của nghiên cứu mới; mặc định theo tên tỉnh / folder of the new study."
        ),
    ] = None,
    province: Annotated[
        str | None,
        typer.Option(help="Tên tỉnh, có dấu hay không / name of the province.", metavar="TÊN"),
    ] = None,
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d", "%d/%m/%Y"],
            metavar="2025-06-30",
            help="Ngày của số liệu, mặc định hôm nay / day of the data, today by default.",
        ),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs",
            metavar="EPSG:9210",
            help="Hệ tọa độ, thay cho múi chiếu của tỉnh / instead of the province's zone.",
        ),
    ] = None,
    ofds: Annotated[
        Path | None,
        typer.Option(help="Mạng cáp theo Open Fibre Data Standard / a fibre network (.json)."),
    ] = None,
    templates: Annotated[
        bool,
        typer.Option(
            "--templates",
            help="Ghi thêm bảng tính để điền trạm, trụ sở, thôn / also a workbook to fill in.",
        ),
    ] = False,
    from_: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="TỆP…",
            help="Các tệp đang có, hoặc thư mục chứa chúng / the files there are, or their folder.",
        ),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(hidden=True)] = None,
    lang: Lang = "vi",
) -> None:
    """Tạo study.toml mẫu có chú thích. / Write a commented study.toml to start from."""
    from ..study.provinces import find_province
    from ..study.scaffold import new_study

    language = language_of(lang)
    day = None if as_of is None else as_of.date()
    if more and not from_:
        refuse("extra", "phusong new", extra=" ".join(map(str, more)))
    if from_:
        with planned_faults(language):
            if folder is None or folder.is_file() or templates or ofds:
                raise StudyError([Problem(message="study.from_needed", file="--from")])
            _refuse_results(folder)
            _from_files(folder, [*from_, *(more or ())], province, day, crs, language)
        return
    with planned_faults(language):
        if folder is None and province is not None:
            folder = Path(fold(find_province(province, day).name).replace(" ", "-"))
        if folder is not None:
            _refuse_results(folder)
        if folder is None or province is None:
            raise StudyError([Problem(message="study.province_needed", file="--province")])
        begin = partial(new_study, folder, province=province, as_of=day, crs=crs, ofds=ofds)
        written = _with_form(folder, begin) if templates else [begin()]
    for path in written:
        say(str(path))
    note(_told(written[0], language))


def _from_files(
    folder: Path,
    files: list[Path],
    province: str | None,
    day: datetime.date | None,
    crs: str | None,
    lang: Language,
) -> None:
    """Begin a study from files, tell the evidence, and what somebody must decide."""
    from ..pipeline.templates.from_files import begin_from

    begun = begin_from(folder, files, province=province, as_of=day, crs=crs)
    for told in begun.told:
        note(told[lang])
    say(str(begun.path))
    if begun.undecided:
        raise StudyError(begun.undecided)
    note(text("study.begun_from", lang, path=begun.path, folder=folder))


def _refuse_results(folder: Path) -> None:
    """Refuse a folder that phusong wrote, or that lies in one."""
    inside = Path(os.path.realpath(folder / "-")).parents
    if any((above / "manifest.json").is_file() for above in inside):
        from ..export import refuse_within_output  # takes long to load; here it may be needed

        refuse_within_output(folder / STUDY_FILE)


def _with_form(folder: Path, begin: Callable[..., Path]) -> list[Path]:
    """Write a study and the workbook that it names, or neither."""
    from ..pipeline.templates.form import FORM, FORM_TABLES, write_form

    before = set(folder.iterdir()) if folder.is_dir() else set()
    path = begin(sheets={table.name: FORM for table in FORM_TABLES})
    try:
        return [path, write_form(folder)]
    except BaseException:
        for made in set(folder.iterdir()) - before:
            made.unlink()
        raise


def _told(path: Path, lang: Language) -> str:
    """Return what a new study takes for granted, and what comes next."""
    from pyproj import CRS

    study = tomllib.loads(path.read_text(encoding="utf-8"))
    return text(
        "study.begun",
        lang,
        title=study["name" if lang == "vi" else "name_en"],
        code=study["province_code"],
        crs=study["crs"],
        zone=CRS.from_user_input(study["crs"]).name,
        date=study["as_of"],
        folder=path.parent,
    )

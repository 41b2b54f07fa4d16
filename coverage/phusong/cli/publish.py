"""`phusong publish`: the edition of a finished output folder that an audience may have."""

from pathlib import Path
from typing import Annotated

import typer

from ._app import Lang, Replace, app, examples, language_of, planned_faults, say


@app.command(
    "publish",
    epilog=examples(
        "phusong publish ket-qua --audience public --to cong-khai",
        "phusong publish --policy-to quy-dinh.toml",
        "phusong publish ket-qua --audience internal --to noi-bo --policy quy-dinh.toml",
    ),
)
def publish(
    out: Annotated[
        Path | None, typer.Argument(help="Thư mục kết quả của run / output folder of run.")
    ] = None,
    audience: Annotated[
        str,
        typer.Option(
            help="Cho ai: công khai, nội bộ, hạn chế / for whom.",
            metavar="public|internal|restricted",
        ),
    ] = "public",
    to: Annotated[Path | None, typer.Option(help="Thư mục của bản này / folder to write.")] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Quy định bản nào mang gì, tệp TOML / what each edition carries."),
    ] = None,
    policy_to: Annotated[
        Path | None,
        typer.Option(help="Chỉ ghi quy định mặc định ra tệp để sửa / write the policy to edit."),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục có study.toml, để vẽ địa hình, đường, sông. / "
            "Folder with study.toml, whose relief, roads and rivers are drawn."
        ),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Ghi bản công khai, nội bộ hay hạn chế của kết quả. / Write the edition for an audience."""
    from ..pipeline import publish_results, write_policy

    language = language_of(lang)
    if policy_to is not None:
        with planned_faults(language, policy_to):
            say(str(write_policy(policy_to)))
        return
    if out is None or to is None:
        raise typer.BadParameter("OUT --audience … --to …")
    with planned_faults(language, to):
        page = publish_results(
            out, to, audience=audience, policy=policy, study_folder=study, replace=replace
        )
    say(str(page))

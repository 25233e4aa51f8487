"""The profiles of papers: each is whole, its claims fit its config, and its numbers have their source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.claims.check import check
from analysis.claims.config import read_file
from containers.images.declaration import ROOT
from containers.papers.__main__ import Profile, main, profile, profiles
from containers.plan.config import read, validate
from workloads.vocabulary.errors import ConfigError


@pytest.mark.parametrize("own", profiles(), ids=lambda own: own.name)
def test_a_profile_is_whole(own: Profile) -> None:
    config = validate(read(own.config))
    assert config.claims == f"config/papers/{own.name}/claims.yaml"
    assert config.results == f"results/papers/{own.name}"
    check(own.folder / "claims.yaml", own.config)
    readme = (own.folder / "README.md").read_text(encoding="utf-8")
    for part in ("**What is run here.**", "**Deviations.**"):
        assert part in readme


@pytest.mark.parametrize("own", profiles(), ids=lambda own: own.name)
def test_every_published_number_stands_in_the_profile_s_readme(own: Profile) -> None:
    readme = (own.folder / "README.md").read_text(encoding="utf-8")
    for claim in read_file(own.folder / "claims.yaml").claims:
        for number in re.findall(r"\d+(?:\.\d+)?", claim.published or ""):
            derived = re.search(rf"{re.escape(number)}×", claim.published or "") and " against " in (
                claim.published or ""
            )
            assert derived or number in readme, f"{own.name}: {claim.id}: {number}"


def test_a_name_that_is_none_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"there is no paper 'wang'.*did you mean 'wang2021'"):
        profile("wang")
    assert main(["wang2021"]) == 0
    assert capsys.readouterr().out == "config/papers/wang2021/config.yaml\n"


def test_a_folder_without_a_readme_is_said_to_lack_it(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/config.yaml").write_text((ROOT / "config/quick.yaml").read_text())
    [own] = profiles(tmp_path)
    with pytest.raises(ConfigError, match=r"README.md cannot be read; a profile holds"):
        _ = own.title


def test_the_profile_that_the_docs_write_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs/papers.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```yaml\n# config/papers/mine/(\w+\.yaml)\n(.*?)```", page, re.DOTALL))
    for name, text in blocks.items():
        (tmp_path / name).write_text(text)
    assert validate(read(tmp_path / "config.yaml")).sweeps["pools"].presets.keys() == {"defaults", "paper"}
    check(tmp_path / "claims.yaml", tmp_path / "config.yaml")

"""What the code cites is in the repository, and the repository's documents hold together."""

import re
import unittest
from pathlib import Path

from odoo.tests import BaseCase, tagged

ADDON = Path(__file__).parents[2]
ROOT = ADDON.parent
DOCS = ROOT / "docs"
#: Where a sentence may stand: code, views, texts for people.
KINDS = {".csv", ".js", ".md", ".py", ".rst", ".scss", ".sh", ".toml", ".xml", ".yaml", ".yml"}
#: Documents that the repository does not have, by the ways in which people cite them.
ELSEWHERE = re.compile(
    r"(?:format|sp-api|spapi) facts|\bfacts,? (?:section )?[0-9]|\btraps? [A-Z]?[0-9]"
    r"|\bdesign,? section [0-9]|\bdesign\.md|\bfindings?[ /][A-Z]?[0-9]|\.\./shared|/work/|/tmp/w/",
    re.IGNORECASE,
)
#: docs/facts/api.md, "Errors", "Throttling" and "Roles"
CITED = re.compile(r"docs/(facts|decisions)/([\w-]+\.md)((?:(?:,| and) \"[^\"]+\")*)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
PAGE = 60


def _sentences(path):
    """Return the text of a file on one line, without the signs that begin a comment."""
    text = path.read_text("utf-8")
    return re.sub(r"\s+", " ", re.sub(r"\n\s*(?:#:?|//|\*|-)? ?", " ", text))


def _headings(path):
    return set(re.findall(r"(?m)^#+ (.+)$", path.read_text("utf-8")))


@tagged("-at_install", "post_install")
@unittest.skipUnless(DOCS.is_dir(), "the addon is installed without its repository")
class TestDocuments(BaseCase):
    def _files(self):
        bridges = ROOT / "sp_connector_queue", ROOT / "sp_connector_sale"
        for folder in (ADDON, *bridges, DOCS, ROOT / "tools", ROOT):
            for path in folder.glob("*" if folder == ROOT else "**/*"):
                if path.suffix in KINDS and path.is_file() and path.name != Path(__file__).name:
                    yield path

    def test_nothing_cites_what_is_not_here(self):
        for path in self._files():
            found = ELSEWHERE.search(_sentences(path))
            self.assertIsNone(found, f"{path.relative_to(ROOT)}: {found and found[0]}")

    def test_every_cited_page_and_heading_exists(self):
        count = 0
        for path in self._files():
            for folder, name, headings in CITED.findall(_sentences(path)):
                page = DOCS / folder / name
                self.assertTrue(page.is_file(), f"{path.relative_to(ROOT)}: {folder}/{name}")
                for heading in re.findall(r'"([^"]+)"', headings):
                    count += 1
                    self.assertIn(heading, _headings(page), f"{path.relative_to(ROOT)}: {name}")
        self.assertGreater(count, 30)

    def test_links_between_documents_lead_somewhere(self):
        for path in self._files():
            if path.suffix == ".md":
                for target in LINK.findall(path.read_text("utf-8")):
                    self.assertTrue(
                        (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target}"
                    )

    def test_each_decision_is_a_dated_page_of_the_index(self):
        index = (DOCS / "decisions/README.md").read_text("utf-8")
        pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
        self.assertGreater(len(pages), 20)
        self.assertEqual(len(pages), len({path.name[:5] for path in pages}), "a number twice")
        for path in pages:
            number = int(path.name[:4])
            title, blank, day, *rest = path.read_text("utf-8").splitlines()
            self.assertTrue(title.startswith(f"# {number:04d} ") and not blank, path.name)
            self.assertRegex(day, r"^20\d\d-\d\d-\d\d$", path.name)
            self.assertLess(len(rest), PAGE, path.name)
            self.assertIn(f"[{number:04d}]({path.name}) | {title[7:]} | {day} |", index)

    def test_every_fact_is_listed_in_the_index(self):
        index = (DOCS / "facts/README.md").read_text("utf-8")
        for path in (DOCS / "facts").glob("*.md"):
            self.assertIn(f"({path.name})" if path.name != "README.md" else "# Facts", index)

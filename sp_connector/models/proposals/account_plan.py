"""Which account each proposal of the account set-up becomes in one company."""

import re
from collections import defaultdict
from typing import NamedTuple

from ...engine.words.categories import CATEGORIES
from .account_places import GENERIC, PROPOSALS, names, table

#: Kinds of categories that companies put on one account.
_HABITS = ("income", "expense")
#: Types that say nothing about how a person orders the chart: Odoo itself makes such accounts.
_OF_ODOO = ("asset_cash", "equity_unaffected")


class Planned(NamedTuple):
    """What is proposed: an account that exists, and what would be created without it.

    :param account: record, empty where none was found
    :param is_misplaced: it is one of ours and stands where the table does not expect it
    :param code, tags: of the account to be created, or where the misplaced one should be
    :param group: account group into which that code falls
    :param is_certain: the table knows the place and the chart is as the table expects it
    :param why: for people: beside what, or why a person has to decide
    """

    account: object
    is_misplaced: bool
    code: str
    tags: object
    group: object
    is_certain: bool
    why: str


class AccountPlan:
    """Looks at a company's accounts once and plans all proposals together."""

    def __init__(self, company):
        env = company.env
        company.check_access("read")  # one of this user's companies
        self.env, self.company = env, company
        self.Account = env["account.account"].with_company(company)
        self.Tag = env["account.account.tag"]
        self.domain = self.Account._check_company_domain(company)
        # An archived account still shows how the chart is made.
        everything = self.Account.with_context(active_test=False).search(self.domain)
        self.by_code = {account.code: account for account in everything if account.code}
        self.accounts = everything.filtered("active").sorted("code")
        self.groups = env["account.group"].search([("company_id", "=", company.root_id.id)])
        self.names = self._amazon_names()
        self.taken = self._taken_codes()
        self.mapped = env["sp.account.mapping"]._general(company)
        self.chart = company.chart_template or company.root_id.chart_template
        self.is_bare = not self.chart and not any(
            account.account_type not in _OF_ODOO and account.id not in self.names
            for account in self.accounts
        )
        self.places = table().get(GENERIC if self.is_bare else self.chart, {})

    def _amazon_names(self):
        """Return {id: its names in the installed languages} of accounts that name Amazon."""
        found = defaultdict(set)
        for lang in {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}:
            for account in self.Account.with_context(lang=lang).search(
                [*self.domain, ("name", "ilike", "amazon")]
            ):
                found[account.id].add(account.name)
        return found

    def _taken_codes(self):
        """Return the codes that Odoo would refuse: of parents, branches and archived accounts."""
        accounts = self.Account.sudo().with_context(active_test=False)
        family = ["|", ("company_ids", "parent_of", self.company.id)]
        family.append(("company_ids", "child_of", self.company.id))
        return set(accounts.search(family).mapped("code"))

    # === THE PLAN === #

    def plan(self):
        """Return {proposal: what it becomes}, in their order."""
        return {proposal: self._plan_one(proposal) for proposal in PROPOSALS}

    def _plan_one(self, proposal):
        place = self.places.get(proposal.key)
        account = self._find(proposal, place)
        code, tags, why = None, self.Tag, ""
        problem = self._problem(place) if place else self.env._("The table has no such chart.")
        if place:
            code = next((code for code in place.codes if code not in self.taken), None)
            tags = self._tags(place)
            why = self._beside(self.by_code.get(place.beside))
            if not code:
                problem = self.env._(
                    "No code from %(first)s to %(last)s is free.",
                    first=place.first,
                    last=place.last,
                )
        if not code:
            similar = self._similar(proposal)
            start = similar.code or table()[GENERIC][proposal.key].slot
            code = self.Account._search_new_account_code(start, cache=self.taken - {False})
            tags = similar.tag_ids
            why = self._beside(similar)
        self.taken.add(code)
        return Planned(
            account,
            bool(account and place and self._is_misplaced(account, proposal, place)),
            code,
            tags,
            self._group(code),
            not problem,
            " ".join(filter(None, [problem, why])),
        )

    def _beside(self, account):
        if self.is_bare:
            return self.env._("As in Odoo's generic chart.")
        return account and self.env._("Beside %(account)s.", account=account.display_name)

    def _tags(self, place):
        found = (self.env.ref(name, raise_if_not_found=False) for name in place.tags)
        return self.Tag.union(*(tag for tag in found if tag))

    def _group(self, code):
        """Return the group of a code as ``account.account`` computes it: the longest prefix."""
        return max(
            (
                group
                for group in self.groups
                if (group.code_prefix_start or "")
                <= code[: len(group.code_prefix_start or "")]
                <= (group.code_prefix_end or "")
            ),
            key=lambda group: (len(group.code_prefix_start or ""), -group.id),
            default=self.groups.browse(),
        )

    def _problem(self, place):
        """Say how this company's chart differs from the one that the table describes, or ""."""
        if self.is_bare:
            return ""
        beside = self.by_code.get(place.beside)
        if not beside:
            return self.env._("The chart was changed here: it has no %(code)s.", code=place.beside)
        tags = self._tags(place)
        if len(tags) != len(place.tags) or beside.tag_ids != tags:
            return self.env._("The tags of %(account)s were changed.", account=beside.display_name)
        group = self._group(place.slot)
        is_right = (
            group.code_prefix_start == place.group
            if place.group and self.groups
            else group == self._group(place.beside)
        )
        return "" if is_right else self.env._("The account groups were changed here.")

    # === ACCOUNTS THAT EXIST === #

    def _find(self, proposal, place):
        """Return the account the company uses already: mapped, of our name, or at our code."""
        if mapping := self.mapped.get(proposal.key):
            return mapping.account_id
        fitting = self.accounts.filtered(
            lambda account: (
                account.id in self.names
                and account.account_type.split("_")[0] == proposal.account_type.split("_")[0]
                and (account.reconcile or not proposal.reconcile)
            )
        )
        ours = fitting.filtered(lambda account: self._is_ours(account, proposal))
        if place:
            ours = ours.sorted(lambda account: self._is_misplaced(account, proposal, place))
            # Renamed, but still Amazon's and where the set-up put it.
            ours += fitting.filtered(
                lambda account: (
                    account.code == place.slot
                    and not any(self._is_ours(account, other) for other in PROPOSALS)
                )
            )
        return ours[:1] or self._shared(proposal)

    def _shared(self, proposal):
        """Return the account that the company chose for all it mapped of the same kind.

        A single category is no habit, and an account of ours is one category's own.
        """
        kind = CATEGORIES.get(proposal.key)
        if kind not in _HABITS:
            return self.Account.browse()
        alike = [
            mapping.account_id
            for category, mapping in self.mapped.items()
            if CATEGORIES.get(category) == kind
        ]
        shared = alike[0].union(*alike) if len(alike) > 1 else self.Account.browse()
        return shared if len(shared) == 1 and shared.id not in self.names else shared.browse()

    def _is_ours(self, account, proposal):
        return not self.names[account.id].isdisjoint(names(proposal.key).values())

    def _is_misplaced(self, account, proposal, place):
        """Whether an account that we once made stands elsewhere, or carries others' tags."""
        return (
            not self.is_bare
            and account.id in self.names
            and self._is_ours(account, proposal)
            and not (
                place.has(account.with_company(self.company).code or "")
                and account.tag_ids == self._tags(place)
            )
        )

    def _similar(self, proposal):
        """Return an account of the same type, rather one of the same kind, for unknown charts."""
        others = self.accounts.filtered(lambda account: account.id not in self.names)
        same = others.filtered(lambda account: account.account_type == proposal.account_type)
        words = re.compile(proposal.words, re.IGNORECASE)
        english = {account.id: account.name for account in same.with_context(lang="en_US")}
        kin = same.filtered(
            lambda account: words.search(account.name) or words.search(english[account.id])
        )
        default = {
            "income": self.company.income_account_id,
            "expense": self.company.expense_account_id,
        }.get(proposal.account_type, same.browse())
        family = proposal.account_type.split("_")[0]
        related = others.filtered(lambda account: account.account_type.split("_")[0] == family)
        return kin[:1] or (default & same) or same[-1:] or related[-1:]

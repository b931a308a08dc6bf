import { registry } from "@web/core/registry";

const REFERENCE = "7700000091";

const open = {
    content: "Open the settlement",
    trigger: `.o_data_row td[name=settlement_ref]:contains(${REFERENCE})`,
    run: "click",
};

registry.category("web_tour.tours").add("sp_connector_propose", {
    steps: () => [
        open,
        {
            content: "Propose it",
            trigger: ".o_statusbar_buttons button[name=action_post]:contains(Propose)",
            run: "click",
        },
        {
            content: "It says that another person approves",
            trigger: ".alert:contains(another person approves it)",
        },
        {
            content: "Who proposed cannot approve",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_approve]))",
        },
    ],
});

registry.category("web_tour.tours").add("sp_connector_approve", {
    steps: () => [
        {
            content: "Home names what waits for approval",
            trigger: "[data-card=approval] .list-group-item:contains(Post):contains(1)",
            run: "click",
        },
        open,
        {
            content: "Approve it",
            trigger: ".o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains(Posted)",
        },
        {
            content: "Look at who proposed and who approved",
            trigger: ".o_notebook .nav-link[name=approvals]",
            run: "click",
        },
        {
            content: "Both are kept",
            trigger: ".o_data_row:contains(Approved):contains(bookkeeper):contains(manager)",
        },
    ],
});

import { registry } from "@web/core/registry";

function openSettlement(reference) {
    return {
        content: `Open settlement ${reference}`,
        trigger: `.o_data_row td[name=settlement_ref]:contains(${reference})`,
        run: "click",
    };
}

function hasState(label) {
    return {
        content: `It is ${label}`,
        trigger: `.o_statusbar_status button.o_arrow_button_current:contains(${label})`,
    };
}

registry.category("web_tour.tours").add("sp_connector_accept_suggestion", {
    steps: () => [
        openSettlement("7700000041"),
        hasState("Held"),
        {
            content: "The unknown words come with a suggestion and its reason",
            trigger: ".o_data_row:contains(Robot Storage Surcharge):contains(«storage»)",
        },
        {
            content: "Accept it",
            trigger: ".o_data_row button[name=action_accept_suggestion]",
            run: "click",
        },
        hasState("To Review"),
        {
            content: "Create the draft entry",
            trigger: ".o_statusbar_buttons button[name=action_book]",
            run: "click",
        },
        hasState("Draft Entry"),
        {
            content: "Post it",
            trigger: ".o_statusbar_buttons button[name=action_post]",
            run: "click",
        },
        hasState("Posted"),
    ],
});

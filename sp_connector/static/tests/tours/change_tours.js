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

registry.category("web_tour.tours").add("sp_connector_change_account", {
    steps: () => [
        {
            content: "Choose another account",
            trigger: ".o_field_widget[name=account_id] input",
            run: "edit Shop Sales",
        },
        {
            content: "Take it",
            trigger: ".o_field_widget[name=account_id] .o-autocomplete--dropdown-item:contains(Shop Sales)",
            run: "click",
        },
        {
            content: "Ask what would change",
            trigger: "button.o_sp_what_would_change",
            run: "click",
        },
        {
            content: "The account's sum before and after",
            trigger: ".modal .o_data_row:contains(Shop Sales):contains(-24.00)",
        },
        {
            content: "Save it and book anew",
            trigger: ".modal button[name=action_save_and_rebook]",
            run: "click",
        },
        {
            content: "It was done",
            trigger: ".modal .o_data_row:contains(7700000042):contains(Done)",
        },
        {
            content: "Close",
            trigger: ".modal-header .btn-close",
            run: "click",
        },
        {
            content: "The form shows what was saved",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

registry.category("web_tour.tours").add("sp_connector_what_would_change", {
    steps: () => [
        {
            content: "At any time",
            trigger: ".o_menu_sections button:contains(Reporting)",
            run: "click",
        },
        { trigger: ".o-dropdown-item:contains(What Would Change)", run: "click" },
        {
            content: "It says how many, and the sums before and after",
            trigger: ".modal .alert:contains(Of 1 settlements 1 would be booked otherwise)",
        },
        { trigger: ".modal .o_data_row:contains(Kiosk Sales):contains(-24.00)" },
        { trigger: ".modal .nav-link:contains(Settlements)", run: "click" },
        {
            content: "What changes of each",
            trigger: ".modal .o_data_row:contains(7700000042) td[name=what]:contains(Kiosk Sales)",
        },
        { trigger: ".modal button[name=action_choose_alike]", run: "click" },
        { trigger: ".modal .o_data_row", },
        { trigger: ".modal footer button[name=action_rebook]", run: "click" },
        { trigger: ".modal .o_data_row:contains(7700000042):contains(Done)" },
    ],
});

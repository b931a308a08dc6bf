import { registry } from "@web/core/registry";

function hasState(label) {
    return {
        content: `It is ${label}`,
        trigger: `.o_statusbar_status button.o_arrow_button_current:contains(${label})`,
    };
}

const FEES = ".o_data_row:has(td[name=marketplace_id]:contains(Amazon.fr)):contains(Selling fees)";

registry.category("web_tour.tours").add("sp_connector_accrual", {
    steps: () => [
        {
            content: "Choose the account",
            trigger: ".o_field_widget[name=connection_id] input",
            run: "edit Europe",
        },
        {
            content: "Take it",
            trigger: ".o_field_widget[name=connection_id] .o-autocomplete--dropdown-item:contains(Europe)",
            run: "click",
        },
        {
            content: "The account of the accrued income is the company's",
            trigger: ".o_field_widget[name=account_id] input:value(Amazon Accrued Income)",
        },
        {
            content: "Ask Amazon",
            trigger: ".o_statusbar_buttons button[name=action_ask]",
            run: "click",
        },
        hasState("To Decide"),
        {
            content: "Selling fees in France have no account",
            trigger: `${FEES} td[name=account_id]`,
            run: "click",
        },
        {
            content: "Choose one",
            trigger: ".o_selected_row .o_field_widget[name=account_id] input",
            run: "edit Amazon FBA Fees",
        },
        {
            content: "Take it",
            trigger: ".o_selected_row .o-autocomplete--dropdown-item:contains(Amazon FBA Fees)",
            run: "click",
        },
        {
            content: "Decide",
            trigger: ".o_selected_row .o_field_widget[name=decision] .o_select_menu_toggler",
            run: "click",
        },
        {
            content: "Accrue it",
            trigger: ".o_select_menu_menu .o_select_menu_item:contains(Accrue)",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        hasState("To Book"),
        {
            content: "Book",
            trigger: ".o_statusbar_buttons button[name=action_book]",
            run: "click",
        },
        hasState("Booked"),
        {
            content: "See the entries",
            trigger: "button[name=action_view_moves]",
            run: "click",
        },
        {
            content: "The reversal of the next day is posted",
            trigger: ".o_list_view .o_data_row:contains(Reversal of):contains(Posted)",
        },
        {
            content: "Back",
            trigger: ".o_breadcrumb .o_back_button a, .o_breadcrumb a:contains(Europe)",
            run: "click",
        },
        {
            content: "See what is behind a line",
            trigger: `${FEES} button[name=action_view_transactions]`,
            run: "click",
        },
        {
            content: "The transactions, with their orders",
            trigger: ".o_list_view .o_data_row:contains(305-)",
        },
    ],
});

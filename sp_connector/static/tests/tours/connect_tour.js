import { registry } from "@web/core/registry";

// Seller Central is not Odoo: `test_connect_browser.py` presses its buttons, and the tour goes on
// when the browser is back. See there for the whole way.

const tours = registry.category("web_tour.tours");
const card = ".o_kanban_record:contains(Amazon Europe)";

tours.add("sp_connector_connect", {
    steps: () => [
        {
            content: "Connect an account",
            trigger: ".o_control_panel button:contains(Connect)",
            run: "click",
        },
        {
            content: "The Far East wants each country by itself",
            trigger: ".modal .o_field_widget[name=region] .btn:contains(Far East)",
            run: "click",
        },
        { trigger: ".modal .alert-info:contains(separately)" },
        {
            trigger: ".modal .o_field_widget[name=region] .btn:contains(Europe)",
            run: "click",
        },
        {
            content: "The company's own country is proposed",
            trigger: ".modal .o_field_widget[name=marketplace_id] input:value(United Kingdom)",
        },
        {
            content: "Leave for Amazon",
            trigger: ".modal footer button:contains(Connect)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Back, with the marketplaces by name",
            trigger: ".alert-success:contains(Connected.) .o_sp_marketplace:contains(Amazon.de)",
        },
        {
            content: "To the cards",
            trigger: ".o_breadcrumb a:contains(Connections)",
            run: "click",
        },
        { trigger: `${card} .badge:contains(Connected)` },
        { trigger: `${card} .o_sp_marketplace:not(.o_sp_unused):contains(Amazon.fr)` },
        {
            content: "Not participating: greyed",
            trigger: `${card} .o_sp_not_participating:contains(Amazon.nl)`,
        },
    ],
});

tours.add("sp_connector_cancel", {
    steps: () => [
        { trigger: `${card} .badge:contains(No Token)` },
        {
            trigger: `${card} button:contains(Connect)`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Cancelled at Amazon, then Back to Odoo from the page that says so",
            trigger: ".o_form_view .alert-info:contains(Not connected yet)",
        },
        { trigger: ".o_statusbar_buttons button:contains(Connect)" },
    ],
});

tours.add("sp_connector_reconnect", {
    steps: () => [
        {
            trigger: `${card} button:contains(Test)`,
            run: "click",
        },
        {
            content: "The test says what is wrong and what to do",
            trigger: ".modal .o_data_row:contains(revoked):contains(Press Reconnect)",
        },
        {
            trigger: ".modal footer button:contains(Close)",
            run: "click",
        },
        { trigger: `${card} .badge:contains(Reconnect Required)` },
        {
            trigger: `${card} button:contains(Reconnect)`,
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains(Connected.)" },
    ],
});

tours.add("sp_connector_disconnect", {
    steps: () => [
        {
            trigger: card,
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button:contains(Disconnect)",
            run: "click",
        },
        { trigger: ".modal a[href*='/apps/manage'][target=_blank]:contains(Manage Your Apps)" },
        {
            trigger: ".modal button:contains(Check at Amazon)",
            run: "click",
        },
        { trigger: ".modal .alert-warning:contains(Amazon still holds the authorisation.)" },
        {
            trigger: ".modal footer button:contains(Disconnect)",
            run: "click",
        },
        {
            content: "Says plainly that Amazon still holds the grant",
            trigger: ".o_form_view .alert-warning:contains(Amazon still holds the authorisation)",
        },
        { trigger: ".o_field_widget[name=status] .badge:contains(Disconnected)" },
    ],
});

// From a press on Sync Now to the settlement, in two tours: between them the test runs the
// scheduled import.
tours.add("sp_connector_sync_now", {
    steps: () => [
        { trigger: card, run: "click" },
        { trigger: ".o_statusbar_buttons button:contains(Sync Now)", run: "click" },
        { trigger: ".o_notification:contains(2 new reports)" },
        { trigger: ".o_field_widget[name=last_run_text]:contains(2 new reports)" },
        { trigger: ".o_field_widget[name=backfill_text]:contains(0 of 2 reports imported)" },
    ],
});

tours.add("sp_connector_read_reports", {
    steps: () => [
        { trigger: card, run: "click" },
        { trigger: ".o_field_widget[name=last_run_text]:contains(2 imported)" },
        {
            content: "The backfill is over and says no more",
            trigger: ".o_form_sheet:not(:has(.o_field_widget[name=backfill_text]))",
        },
        { trigger: "button[name=action_view_reports]:contains(2)", run: "click" },
        { trigger: ".o_list_view .o_data_row .badge:contains(Imported)" },
        { trigger: ".o_data_row:contains(99000000101) td[name=created_at]", run: "click" },
        { trigger: ".o_field_widget[name=settlement_ids] .o_data_row:contains(99000000101)" },
        { trigger: "button[name=action_view_settlements]", run: "click" },
        {
            trigger:
                ".o_breadcrumb .active:contains(99000000101), .o_last_breadcrumb_item:contains(99000000101)",
        },
        { trigger: ".o_sp_proof" },
    ],
});

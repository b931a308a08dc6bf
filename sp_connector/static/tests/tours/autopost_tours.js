import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("sp_connector_autopost_on", {
    steps: () => [
        {
            content: "Nothing is set yet",
            trigger: ".o_view_nocontent:contains(Every settlement waits for a person)",
        },
        { trigger: ".o_list_button_add", run: "click" },
        {
            content: "For which connection",
            trigger: ".o_field_widget[name=connection_id] input",
            run: "edit Amazon UK",
        },
        {
            trigger:
                ".o_field_widget[name=connection_id] .o-autocomplete--dropdown-item:contains(Amazon UK)",
            run: "click",
        },
        {
            content: "Off by default",
            trigger: ".o_field_widget[name=mode] .o_radio_item:contains(Off) input:checked",
        },
        {
            content: "Let it post",
            trigger: ".o_field_widget[name=mode] .o_radio_item:contains(Post) input",
            run: "click",
        },
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "With whose rights it posts",
            trigger: ".o_form_saved .o_field_widget[name=user_id]",
        },
    ],
});

tours.add("sp_connector_autopost_accept", {
    steps: () => [
        {
            content: "Home says how many are held, and for what",
            trigger: "[data-card=held] .list-group-item:contains(Unknown words):contains(1)",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row td[name=settlement_ref]", run: "click" },
        {
            content: "The suggestion has a reason",
            trigger: ".o_data_row:contains(Robot Storage Surcharge):contains(«storage»)",
        },
        { trigger: ".o_data_row button[name=action_accept_suggestion]", run: "click" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current:contains(To Review)" },
    ],
});

tours.add("sp_connector_autopost_stopped", {
    steps: () => [
        {
            content: "Home says why it was not posted",
            trigger: "[data-card=auto] .list-group-item:contains(New words):contains(1)",
            run: "click",
        },
        {
            content: "And opens just that",
            trigger: ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row td[name=settlement_ref]",
            run: "click",
        },
        {
            content: "The settlement says at which words it stopped",
            trigger:
                ".alert:contains(Not booked by itself):contains(Words that no posted settlement):contains(Robot Storage Surcharge)",
        },
        { trigger: ".o_statusbar_buttons button[name=action_post]", run: "click" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current:contains(Posted)" },
    ],
});

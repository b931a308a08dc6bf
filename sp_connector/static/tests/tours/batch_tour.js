import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sp_connector_post_several", {
    steps: () => [
        {
            content: "Select all settlements",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Post them",
            trigger: ".o_control_panel button[name=action_post]",
            run: "click",
        },
        {
            content: "What was left out is told with its reason",
            trigger:
                ".modal .o_data_row:contains(7700000052):contains(Left out):contains(Unknown words)",
        },
        {
            content: "The others are done",
            trigger: ".modal .o_data_row:contains(7700000053):contains(Done)",
        },
        {
            content: "Go to what mends it",
            trigger: ".modal .o_data_row:contains(7700000052) button[name=action_mend]",
            run: "click",
        },
        {
            content: "It asks what the words mean",
            trigger: ".modal .o_form_view .o_field_widget[name=category]",
        },
    ],
});

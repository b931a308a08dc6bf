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

registry.category("web_tour.tours").add("sp_connector_post_forty", {
    steps: () => [
        {
            content: "Not all of them fit on the page",
            trigger: ".o_control_panel .o_pager_value:contains(1-40)",
            run: "click",
        },
        {
            trigger: ".o_control_panel input.o_pager_value",
            run: "edit 1-15 && press Enter",
        },
        { trigger: ".o_list_view:not(:has(.o_data_row:eq(15))) .o_data_row:eq(14)" },
        { trigger: "thead .o_list_record_selector input", run: "click" },
        {
            content: "Select those of the other pages too",
            trigger: ".o_control_panel .o_select_domain:contains(40)",
            run: "click",
        },
        {
            content: "Post them",
            trigger: ".o_control_panel button[name=action_post]",
            run: "click",
        },
        {
            content: "They are done in the background",
            trigger: `.o_form_view .o_progress[aria-valuenow="0"]`,
        },
        { trigger: ".o_form_view:contains(40 waiting)" },
        {
            content: "The bar moves by itself",
            trigger: `.o_form_view .o_progress[aria-valuenow="50"]`,
        },
        { trigger: ".o_form_view button[name=action_cancel]" },
        {
            content: "The end: the one that was left out, and why",
            trigger: `.o_form_view .o_progress[aria-valuenow="100"]`,
        },
        { trigger: ".o_form_view:contains(39 done):contains(1 left out)" },
        {
            trigger:
                ".o_data_row:contains(7700000107):contains(Left out):contains(The auditor has closed this customer)",
        },
        {
            content: "It can be opened to go on with it",
            trigger: "button[name=action_view_settlements]:contains(1)",
            run: "click",
        },
        { trigger: ".o_form_view .o_last_breadcrumb_item:contains(7700000107), .o_form_view h1:contains(7700000107)" },
    ],
});

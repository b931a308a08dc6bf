import { registry } from "@web/core/registry";

const ROW = ".modal .o_field_sp_setup_lines .o_data_row:first";

registry.category("web_tour.tours").add("sp_connector_setup", {
    steps: () => [
        {
            content: "Open the configuration",
            trigger: ".o_menu_sections button:contains(Configuration)",
            run: "click",
        },
        {
            content: "Open the set-up",
            trigger: ".o-dropdown-item:contains(Set Up):first",
            run: "click",
        },
        {
            content: "Kinds of money stand under headings",
            trigger: ".modal .o_sp_section:contains(Income)",
        },
        {
            content: "The entry of the settlement that waits stands beside them, with its tax",
            trigger: ".modal .o_sp_setup_entry tr:contains(Amazon Sales):contains(20.00)",
        },
        {
            content: "Enter the line of sales",
            trigger: `${ROW} [name=account_id]`,
            run: "click",
        },
        {
            content: "Choose another account",
            trigger: `${ROW} [name=account_id] input`,
            run: "edit Shop Sales",
        },
        {
            content: "Take it",
            trigger: ".o-autocomplete--dropdown-item:contains(Shop Sales) a",
            run: "click",
        },
        {
            content: "The entry follows at once",
            trigger: ".modal .o_sp_setup_entry tr:contains(Shop Sales):contains(100.00)",
        },
        {
            content: "Apply",
            trigger: ".modal-footer button:contains(Apply)",
            run: "click",
        },
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
    ],
});

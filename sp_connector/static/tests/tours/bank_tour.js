import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sp_connector_match_many", {
    steps: () => [
        {
            content: "Two proposals, with their reasons",
            trigger: ".o_data_row:contains(2 settlements together)",
        },
        {
            content: "Choose all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Match them",
            trigger: ".o_control_panel button[name=action_match]",
            run: "click",
        },
        { content: "It says what it did", trigger: ".o_notification:contains(2 matched)" },
        { content: "Nothing is left", trigger: ".o_view_nocontent:contains(Nothing to decide)" },
    ],
});

registry.category("web_tour.tours").add("sp_connector_match_one", {
    steps: () => [
        {
            content: "The settlement shows which bank line it could be",
            trigger: "[name=bank_proposal_text]:contains(2 settlements together)",
        },
        {
            content: "Look at the proposals",
            trigger: "button[name=action_view_bank_proposals]",
            run: "click",
        },
        {
            content: "Match the one",
            trigger: ".o_data_row button[name=action_match]",
            run: "click",
        },
        { content: "Nothing is left", trigger: ".o_view_nocontent:contains(Nothing to decide)" },
        {
            content: "Back to the settlement",
            trigger: ".breadcrumb-item.o_back_button a",
            run: "click",
        },
        {
            content: "It is paid; take the match back",
            trigger: ".o_form_view:contains(Paid) button[name=action_unmatch_bank]",
            run: "click",
        },
        {
            content: "After a warning",
            trigger: ".modal button.btn-primary",
            run: "click",
        },
        {
            content: "It is proposed again",
            trigger: "[name=bank_proposal_text]:contains(2 settlements together)",
        },
    ],
});

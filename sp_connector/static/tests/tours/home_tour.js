import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sp_connector_home", {
    steps: () => [
        {
            content: "A card says how many, for what reason",
            trigger: "[data-card=held] .list-group-item:contains(Unknown words):contains(1)",
            run: "click",
        },
        { trigger: ".o_last_breadcrumb_item:contains(Held: Unknown words)" },
        {
            content: "And opens just those",
            trigger: ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row:contains(99000000804)",
        },
        {
            trigger: ".o_breadcrumb a:contains(Home)",
            run: "click",
        },
        {
            content: "What came is drawn, with what is to come",
            trigger: ".o_sp_home_connection:contains(Uploaded files) svg[role=img] title:not(:visible)",
        },
        {
            content: "A file is dropped anywhere on the page",
            trigger: ".o_sp_home",
            run() {
                const file = new File(["settlement-id\n"], "dropped.txt", { type: "text/plain" });
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(file);
                const fire = (target, type) =>
                    target.dispatchEvent(
                        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })
                    );
                fire(this.anchor, "dragenter");
                setTimeout(() => fire(document.querySelector(".o-Dropzone"), "drop"), 200);
            },
        },
        {
            content: "It is looked into at once",
            trigger: ".modal .o_kanban_record:contains(dropped.txt):contains(Refused)",
        },
        {
            trigger: ".modal footer button:contains(Cancel)",
            run: "click",
        },
        {
            content: "Whoever is no manager connects nothing",
            trigger: "body:not(:has(.modal)) .o_sp_home:not(:contains(Connect an Account))",
        },
    ],
});

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SECONDS = 10;

/** Reads a connection again while its reports come in, unless somebody is editing it. */
export class LiveWidget extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        let timer;
        onMounted(() => {
            timer = setInterval(() => this.reload(), SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(timer));
    }

    async reload() {
        const { record } = this.props;
        const isBusy = record.data.is_backfilling || record.data.waiting_count;
        if (isBusy && !document.hidden && !(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("sp_live", {
    component: LiveWidget,
    fieldDependencies: [
        { name: "is_backfilling", type: "boolean" },
        { name: "waiting_count", type: "integer" },
    ],
});

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useService } from "@web/core/utils/hooks";

const SECONDS = 10;

/** Reads a connection again while its reports come in, unless somebody is editing it. */
export class LiveWidget extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        let timer;
        onMounted(() => {
            timer = setInterval(() => this.reload(), this.seconds * 1000);
        });
        onWillUnmount(() => clearInterval(timer));
    }

    get seconds() {
        return SECONDS;
    }

    get isBusy() {
        const { data } = this.props.record;
        return data.is_backfilling || data.waiting_count;
    }

    async reload() {
        const { record } = this.props;
        if (this.isBusy && !document.hidden && !(await record.isDirty())) {
            await record.load();
        }
    }
}

/** Asks Amazon once, right after an account was connected, and says what was found. */
export class LookOnceWidget extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        const orm = useService("orm");
        const notification = useService("notification");
        onMounted(async () => {
            const { record } = this.props;
            const { just_connected, looked_at, parent_id } = record.data;
            if (!just_connected || looked_at || parent_id) {
                return;
            }
            const said = await orm.call("sp.connection", "action_sync_now", [[record.resId]]);
            const { message, title, type } = said.params;
            notification.add(message, { title, type });
            // Whoever pressed a button meanwhile keeps what it opened.
            if (!(await record.isDirty())) {
                await record.load();
            }
        });
    }
}

/** Reads an uploaded file's progress again while it is imported. */
export class LiveUploadWidget extends LiveWidget {
    get seconds() {
        return SECONDS / 5;
    }

    get isBusy() {
        return this.props.record.data.is_running;
    }
}

registry.category("view_widgets").add("sp_live_upload", {
    component: LiveUploadWidget,
    fieldDependencies: [{ name: "is_running", type: "boolean" }],
});

registry.category("view_widgets").add("sp_look_once", {
    component: LookOnceWidget,
    fieldDependencies: [
        { name: "just_connected", type: "boolean" },
        { name: "looked_at", type: "datetime" },
        { name: "parent_id", type: "many2one", relation: "sp.connection" },
    ],
});

registry.category("view_widgets").add("sp_live", {
    component: LiveWidget,
    fieldDependencies: [
        { name: "is_backfilling", type: "boolean" },
        { name: "waiting_count", type: "integer" },
    ],
});

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/**
 * The marketplaces of a connection as tags: those in use first, the others greyed.
 *
 * What is none of Amazon's stores (shadow marketplaces) is not shown here.
 */
export class MarketplaceTagsField extends Component {
    static template = "sp_connector.MarketplaceTagsField";
    static props = { ...standardFieldProps };

    get tags() {
        return this.props.record.data[this.props.name].records
            .filter(({ data }) => data.marketplace_id)
            .map(({ id, data }) => ({
                id,
                name: data.name,
                flag: this.flagUrl(data.country_code),
                isUsed: data.is_participating && data.is_active,
                isParticipating: data.is_participating,
                isSuspended: data.is_participating && data.has_suspended_listings,
                title: this.title(data),
            }))
            .sort((a, b) => b.isUsed - a.isUsed || b.isParticipating - a.isParticipating);
    }

    flagUrl(code) {
        const country = code === "UK" ? "GB" : code || "";
        return /^[A-Z]{2}$/.test(country)
            ? `/base/static/img/country_flags/${country.toLowerCase()}.png`
            : "";
    }

    title(data) {
        if (!data.is_participating) {
            return _t("The seller does not participate");
        }
        if (!data.is_active) {
            return _t("Not in use here");
        }
        return data.has_suspended_listings ? _t("Listings are suspended") : _t("Participating");
    }
}

export const marketplaceTagsField = {
    component: MarketplaceTagsField,
    displayName: _t("Marketplace Tags"),
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "name", type: "char" },
        { name: "country_code", type: "char" },
        { name: "marketplace_id", type: "many2one", relation: "sp.marketplace" },
        { name: "is_participating", type: "boolean" },
        { name: "is_active", type: "boolean" },
        { name: "has_suspended_listings", type: "boolean" },
    ],
};

registry.category("fields").add("sp_marketplace_tags", marketplaceTagsField);

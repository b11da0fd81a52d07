// Written by scripts/list-console-files.

#include "console_files.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file_0[] = {
#embed "../InvokeConsole/static/api.js"
};
static const unsigned char file_1[] = {
#embed "../InvokeConsole/static/app.css"
};
static const unsigned char file_2[] = {
#embed "../InvokeConsole/static/app.js"
};
static const unsigned char file_3[] = {
#embed "../InvokeConsole/static/asset-new.js"
};
static const unsigned char file_4[] = {
#embed "../InvokeConsole/static/assets.css"
};
static const unsigned char file_5[] = {
#embed "../InvokeConsole/static/catalogue.css"
};
static const unsigned char file_6[] = {
#embed "../InvokeConsole/static/definition.css"
};
static const unsigned char file_7[] = {
#embed "../InvokeConsole/static/definition.js"
};
static const unsigned char file_8[] = {
#embed "../InvokeConsole/static/dom.js"
};
static const unsigned char file_9[] = {
#embed "../InvokeConsole/static/example-service.yaml"
};
static const unsigned char file_10[] = {
#embed "../InvokeConsole/static/fields/asset.js"
};
static const unsigned char file_11[] = {
#embed "../InvokeConsole/static/fields/camera.js"
};
static const unsigned char file_12[] = {
#embed "../InvokeConsole/static/fields/capture.js"
};
static const unsigned char file_13[] = {
#embed "../InvokeConsole/static/fields/choice.js"
};
static const unsigned char file_14[] = {
#embed "../InvokeConsole/static/fields/field.js"
};
static const unsigned char file_15[] = {
#embed "../InvokeConsole/static/fields/json.js"
};
static const unsigned char file_16[] = {
#embed "../InvokeConsole/static/fields/make.js"
};
static const unsigned char file_17[] = {
#embed "../InvokeConsole/static/fields/microphone.js"
};
static const unsigned char file_18[] = {
#embed "../InvokeConsole/static/fields/nodes.js"
};
static const unsigned char file_19[] = {
#embed "../InvokeConsole/static/fields/patterns.js"
};
static const unsigned char file_20[] = {
#embed "../InvokeConsole/static/fields/picker.js"
};
static const unsigned char file_21[] = {
#embed "../InvokeConsole/static/fields/schema.js"
};
static const unsigned char file_22[] = {
#embed "../InvokeConsole/static/fields/text.js"
};
static const unsigned char file_23[] = {
#embed "../InvokeConsole/static/fields/wav.js"
};
static const unsigned char file_24[] = {
#embed "../InvokeConsole/static/follow.js"
};
static const unsigned char file_25[] = {
#embed "../InvokeConsole/static/format.js"
};
static const unsigned char file_26[] = {
#embed "../InvokeConsole/static/graph/draw.js"
};
static const unsigned char file_27[] = {
#embed "../InvokeConsole/static/graph/export.js"
};
static const unsigned char file_28[] = {
#embed "../InvokeConsole/static/graph/layout.js"
};
static const unsigned char file_29[] = {
#embed "../InvokeConsole/static/graph/model.js"
};
static const unsigned char file_30[] = {
#embed "../InvokeConsole/static/graph/table.js"
};
static const unsigned char file_31[] = {
#embed "../InvokeConsole/static/graph/view.js"
};
static const unsigned char file_32[] = {
#embed "../InvokeConsole/static/graph/walk.js"
};
static const unsigned char file_33[] = {
#embed "../InvokeConsole/static/icon.svg"
};
static const unsigned char file_34[] = {
#embed "../InvokeConsole/static/job.css"
};
static const unsigned char file_35[] = {
#embed "../InvokeConsole/static/job.js"
};
static const unsigned char file_36[] = {
#embed "../InvokeConsole/static/job/log.js"
};
static const unsigned char file_37[] = {
#embed "../InvokeConsole/static/jobs.css"
};
static const unsigned char file_38[] = {
#embed "../InvokeConsole/static/jobs.js"
};
static const unsigned char file_39[] = {
#embed "../InvokeConsole/static/jobs/bulk.js"
};
static const unsigned char file_40[] = {
#embed "../InvokeConsole/static/jobs/rows.js"
};
static const unsigned char file_41[] = {
#embed "../InvokeConsole/static/live.js"
};
static const unsigned char file_42[] = {
#embed "../InvokeConsole/static/operate.css"
};
static const unsigned char file_43[] = {
#embed "../InvokeConsole/static/operation.css"
};
static const unsigned char file_44[] = {
#embed "../InvokeConsole/static/operation.js"
};
static const unsigned char file_45[] = {
#embed "../InvokeConsole/static/payment.js"
};
static const unsigned char file_46[] = {
#embed "../InvokeConsole/static/plan.js"
};
static const unsigned char file_47[] = {
#embed "../InvokeConsole/static/provenance.css"
};
static const unsigned char file_48[] = {
#embed "../InvokeConsole/static/provenance.js"
};
static const unsigned char file_49[] = {
#embed "../InvokeConsole/static/quoting.js"
};
static const unsigned char file_50[] = {
#embed "../InvokeConsole/static/results.js"
};
static const unsigned char file_51[] = {
#embed "../InvokeConsole/static/service.js"
};
static const unsigned char file_52[] = {
#embed "../InvokeConsole/static/snippetPanel.js"
};
static const unsigned char file_53[] = {
#embed "../InvokeConsole/static/snippets.js"
};
static const unsigned char file_54[] = {
#embed "../InvokeConsole/static/suggest.js"
};
static const unsigned char file_55[] = {
#embed "../InvokeConsole/static/tokens.js"
};
static const unsigned char file_56[] = {
#embed "../InvokeConsole/static/upload.js"
};
static const unsigned char file_57[] = {
#embed "../InvokeConsole/static/viewers.css"
};
static const unsigned char file_58[] = {
#embed "../InvokeConsole/static/viewers.js"
};
static const unsigned char file_59[] = {
#embed "../InvokeConsole/static/viewers/archive.js"
};
static const unsigned char file_60[] = {
#embed "../InvokeConsole/static/viewers/asking.js"
};
static const unsigned char file_61[] = {
#embed "../InvokeConsole/static/viewers/csv.js"
};
static const unsigned char file_62[] = {
#embed "../InvokeConsole/static/viewers/decode.js"
};
static const unsigned char file_63[] = {
#embed "../InvokeConsole/static/viewers/frame.js"
};
static const unsigned char file_64[] = {
#embed "../InvokeConsole/static/viewers/hex.js"
};
static const unsigned char file_65[] = {
#embed "../InvokeConsole/static/viewers/image.js"
};
static const unsigned char file_66[] = {
#embed "../InvokeConsole/static/viewers/json-data.js"
};
static const unsigned char file_67[] = {
#embed "../InvokeConsole/static/viewers/json-find.js"
};
static const unsigned char file_68[] = {
#embed "../InvokeConsole/static/viewers/json.js"
};
static const unsigned char file_69[] = {
#embed "../InvokeConsole/static/viewers/kind.js"
};
static const unsigned char file_70[] = {
#embed "../InvokeConsole/static/viewers/labels.js"
};
static const unsigned char file_71[] = {
#embed "../InvokeConsole/static/viewers/markdown-inline.js"
};
static const unsigned char file_72[] = {
#embed "../InvokeConsole/static/viewers/markdown.js"
};
static const unsigned char file_73[] = {
#embed "../InvokeConsole/static/viewers/media.js"
};
static const unsigned char file_74[] = {
#embed "../InvokeConsole/static/viewers/open.js"
};
static const unsigned char file_75[] = {
#embed "../InvokeConsole/static/viewers/pdf.js"
};
static const unsigned char file_76[] = {
#embed "../InvokeConsole/static/viewers/plot.js"
};
static const unsigned char file_77[] = {
#embed "../InvokeConsole/static/viewers/remote.js"
};
static const unsigned char file_78[] = {
#embed "../InvokeConsole/static/viewers/roll.js"
};
static const unsigned char file_79[] = {
#embed "../InvokeConsole/static/viewers/rows.js"
};
static const unsigned char file_80[] = {
#embed "../InvokeConsole/static/viewers/scale.js"
};
static const unsigned char file_81[] = {
#embed "../InvokeConsole/static/viewers/search.js"
};
static const unsigned char file_82[] = {
#embed "../InvokeConsole/static/viewers/series.js"
};
static const unsigned char file_83[] = {
#embed "../InvokeConsole/static/viewers/sniff.js"
};
static const unsigned char file_84[] = {
#embed "../InvokeConsole/static/viewers/source.js"
};
static const unsigned char file_85[] = {
#embed "../InvokeConsole/static/viewers/table-data.js"
};
static const unsigned char file_86[] = {
#embed "../InvokeConsole/static/viewers/table.js"
};
static const unsigned char file_87[] = {
#embed "../InvokeConsole/static/viewers/text-data.js"
};
static const unsigned char file_88[] = {
#embed "../InvokeConsole/static/viewers/text.js"
};
static const unsigned char file_89[] = {
#embed "../InvokeConsole/static/viewers/worker.js"
};
static const unsigned char file_90[] = {
#embed "../InvokeConsole/static/viewers/zip.js"
};
static const unsigned char file_91[] = {
#embed "../InvokeConsole/templates/account.mustache"
};
static const unsigned char file_92[] = {
#embed "../InvokeConsole/templates/accountrow.mustache"
};
static const unsigned char file_93[] = {
#embed "../InvokeConsole/templates/accounts-one.mustache"
};
static const unsigned char file_94[] = {
#embed "../InvokeConsole/templates/accounts.mustache"
};
static const unsigned char file_95[] = {
#embed "../InvokeConsole/templates/asset-new.mustache"
};
static const unsigned char file_96[] = {
#embed "../InvokeConsole/templates/asset.mustache"
};
static const unsigned char file_97[] = {
#embed "../InvokeConsole/templates/assetrow.mustache"
};
static const unsigned char file_98[] = {
#embed "../InvokeConsole/templates/assets.mustache"
};
static const unsigned char file_99[] = {
#embed "../InvokeConsole/templates/catalogue.mustache"
};
static const unsigned char file_100[] = {
#embed "../InvokeConsole/templates/configuration.mustache"
};
static const unsigned char file_101[] = {
#embed "../InvokeConsole/templates/definition.mustache"
};
static const unsigned char file_102[] = {
#embed "../InvokeConsole/templates/engines.mustache"
};
static const unsigned char file_103[] = {
#embed "../InvokeConsole/templates/error.mustache"
};
static const unsigned char file_104[] = {
#embed "../InvokeConsole/templates/figures.mustache"
};
static const unsigned char file_105[] = {
#embed "../InvokeConsole/templates/health.mustache"
};
static const unsigned char file_106[] = {
#embed "../InvokeConsole/templates/job.mustache"
};
static const unsigned char file_107[] = {
#embed "../InvokeConsole/templates/jobrow.mustache"
};
static const unsigned char file_108[] = {
#embed "../InvokeConsole/templates/jobs.mustache"
};
static const unsigned char file_109[] = {
#embed "../InvokeConsole/templates/layout.mustache"
};
static const unsigned char file_110[] = {
#embed "../InvokeConsole/templates/listing.mustache"
};
static const unsigned char file_111[] = {
#embed "../InvokeConsole/templates/listingactions.mustache"
};
static const unsigned char file_112[] = {
#embed "../InvokeConsole/templates/listingrow.mustache"
};
static const unsigned char file_113[] = {
#embed "../InvokeConsole/templates/login.mustache"
};
static const unsigned char file_114[] = {
#embed "../InvokeConsole/templates/market.mustache"
};
static const unsigned char file_115[] = {
#embed "../InvokeConsole/templates/markettabs.mustache"
};
static const unsigned char file_116[] = {
#embed "../InvokeConsole/templates/offer.mustache"
};
static const unsigned char file_117[] = {
#embed "../InvokeConsole/templates/offers.mustache"
};
static const unsigned char file_118[] = {
#embed "../InvokeConsole/templates/operate.mustache"
};
static const unsigned char file_119[] = {
#embed "../InvokeConsole/templates/operatetabs.mustache"
};
static const unsigned char file_120[] = {
#embed "../InvokeConsole/templates/operation.mustache"
};
static const unsigned char file_121[] = {
#embed "../InvokeConsole/templates/pager.mustache"
};
static const unsigned char file_122[] = {
#embed "../InvokeConsole/templates/poolrow.mustache"
};
static const unsigned char file_123[] = {
#embed "../InvokeConsole/templates/pools.mustache"
};
static const unsigned char file_124[] = {
#embed "../InvokeConsole/templates/provenance.mustache"
};
static const unsigned char file_125[] = {
#embed "../InvokeConsole/templates/purchase.mustache"
};
static const unsigned char file_126[] = {
#embed "../InvokeConsole/templates/purchaseactions.mustache"
};
static const unsigned char file_127[] = {
#embed "../InvokeConsole/templates/purchaserow.mustache"
};
static const unsigned char file_128[] = {
#embed "../InvokeConsole/templates/purchases.mustache"
};
static const unsigned char file_129[] = {
#embed "../InvokeConsole/templates/runs.mustache"
};
static const unsigned char file_130[] = {
#embed "../InvokeConsole/templates/service.mustache"
};
static const unsigned char file_131[] = {
#embed "../InvokeConsole/templates/value.mustache"
};
static const unsigned char file_132[] = {
#embed "../InvokeConsole/templates/webhook.mustache"
};
static const unsigned char file_133[] = {
#embed "../InvokeConsole/templates/webhookrow.mustache"
};
static const unsigned char file_134[] = {
#embed "../InvokeConsole/templates/webhooks.mustache"
};

static const struct console_file files[] = {
    {"static/api.js", file_0, sizeof file_0},
    {"static/app.css", file_1, sizeof file_1},
    {"static/app.js", file_2, sizeof file_2},
    {"static/asset-new.js", file_3, sizeof file_3},
    {"static/assets.css", file_4, sizeof file_4},
    {"static/catalogue.css", file_5, sizeof file_5},
    {"static/definition.css", file_6, sizeof file_6},
    {"static/definition.js", file_7, sizeof file_7},
    {"static/dom.js", file_8, sizeof file_8},
    {"static/example-service.yaml", file_9, sizeof file_9},
    {"static/fields/asset.js", file_10, sizeof file_10},
    {"static/fields/camera.js", file_11, sizeof file_11},
    {"static/fields/capture.js", file_12, sizeof file_12},
    {"static/fields/choice.js", file_13, sizeof file_13},
    {"static/fields/field.js", file_14, sizeof file_14},
    {"static/fields/json.js", file_15, sizeof file_15},
    {"static/fields/make.js", file_16, sizeof file_16},
    {"static/fields/microphone.js", file_17, sizeof file_17},
    {"static/fields/nodes.js", file_18, sizeof file_18},
    {"static/fields/patterns.js", file_19, sizeof file_19},
    {"static/fields/picker.js", file_20, sizeof file_20},
    {"static/fields/schema.js", file_21, sizeof file_21},
    {"static/fields/text.js", file_22, sizeof file_22},
    {"static/fields/wav.js", file_23, sizeof file_23},
    {"static/follow.js", file_24, sizeof file_24},
    {"static/format.js", file_25, sizeof file_25},
    {"static/graph/draw.js", file_26, sizeof file_26},
    {"static/graph/export.js", file_27, sizeof file_27},
    {"static/graph/layout.js", file_28, sizeof file_28},
    {"static/graph/model.js", file_29, sizeof file_29},
    {"static/graph/table.js", file_30, sizeof file_30},
    {"static/graph/view.js", file_31, sizeof file_31},
    {"static/graph/walk.js", file_32, sizeof file_32},
    {"static/icon.svg", file_33, sizeof file_33},
    {"static/job.css", file_34, sizeof file_34},
    {"static/job.js", file_35, sizeof file_35},
    {"static/job/log.js", file_36, sizeof file_36},
    {"static/jobs.css", file_37, sizeof file_37},
    {"static/jobs.js", file_38, sizeof file_38},
    {"static/jobs/bulk.js", file_39, sizeof file_39},
    {"static/jobs/rows.js", file_40, sizeof file_40},
    {"static/live.js", file_41, sizeof file_41},
    {"static/operate.css", file_42, sizeof file_42},
    {"static/operation.css", file_43, sizeof file_43},
    {"static/operation.js", file_44, sizeof file_44},
    {"static/payment.js", file_45, sizeof file_45},
    {"static/plan.js", file_46, sizeof file_46},
    {"static/provenance.css", file_47, sizeof file_47},
    {"static/provenance.js", file_48, sizeof file_48},
    {"static/quoting.js", file_49, sizeof file_49},
    {"static/results.js", file_50, sizeof file_50},
    {"static/service.js", file_51, sizeof file_51},
    {"static/snippetPanel.js", file_52, sizeof file_52},
    {"static/snippets.js", file_53, sizeof file_53},
    {"static/suggest.js", file_54, sizeof file_54},
    {"static/tokens.js", file_55, sizeof file_55},
    {"static/upload.js", file_56, sizeof file_56},
    {"static/viewers.css", file_57, sizeof file_57},
    {"static/viewers.js", file_58, sizeof file_58},
    {"static/viewers/archive.js", file_59, sizeof file_59},
    {"static/viewers/asking.js", file_60, sizeof file_60},
    {"static/viewers/csv.js", file_61, sizeof file_61},
    {"static/viewers/decode.js", file_62, sizeof file_62},
    {"static/viewers/frame.js", file_63, sizeof file_63},
    {"static/viewers/hex.js", file_64, sizeof file_64},
    {"static/viewers/image.js", file_65, sizeof file_65},
    {"static/viewers/json-data.js", file_66, sizeof file_66},
    {"static/viewers/json-find.js", file_67, sizeof file_67},
    {"static/viewers/json.js", file_68, sizeof file_68},
    {"static/viewers/kind.js", file_69, sizeof file_69},
    {"static/viewers/labels.js", file_70, sizeof file_70},
    {"static/viewers/markdown-inline.js", file_71, sizeof file_71},
    {"static/viewers/markdown.js", file_72, sizeof file_72},
    {"static/viewers/media.js", file_73, sizeof file_73},
    {"static/viewers/open.js", file_74, sizeof file_74},
    {"static/viewers/pdf.js", file_75, sizeof file_75},
    {"static/viewers/plot.js", file_76, sizeof file_76},
    {"static/viewers/remote.js", file_77, sizeof file_77},
    {"static/viewers/roll.js", file_78, sizeof file_78},
    {"static/viewers/rows.js", file_79, sizeof file_79},
    {"static/viewers/scale.js", file_80, sizeof file_80},
    {"static/viewers/search.js", file_81, sizeof file_81},
    {"static/viewers/series.js", file_82, sizeof file_82},
    {"static/viewers/sniff.js", file_83, sizeof file_83},
    {"static/viewers/source.js", file_84, sizeof file_84},
    {"static/viewers/table-data.js", file_85, sizeof file_85},
    {"static/viewers/table.js", file_86, sizeof file_86},
    {"static/viewers/text-data.js", file_87, sizeof file_87},
    {"static/viewers/text.js", file_88, sizeof file_88},
    {"static/viewers/worker.js", file_89, sizeof file_89},
    {"static/viewers/zip.js", file_90, sizeof file_90},
    {"templates/account.mustache", file_91, sizeof file_91},
    {"templates/accountrow.mustache", file_92, sizeof file_92},
    {"templates/accounts-one.mustache", file_93, sizeof file_93},
    {"templates/accounts.mustache", file_94, sizeof file_94},
    {"templates/asset-new.mustache", file_95, sizeof file_95},
    {"templates/asset.mustache", file_96, sizeof file_96},
    {"templates/assetrow.mustache", file_97, sizeof file_97},
    {"templates/assets.mustache", file_98, sizeof file_98},
    {"templates/catalogue.mustache", file_99, sizeof file_99},
    {"templates/configuration.mustache", file_100, sizeof file_100},
    {"templates/definition.mustache", file_101, sizeof file_101},
    {"templates/engines.mustache", file_102, sizeof file_102},
    {"templates/error.mustache", file_103, sizeof file_103},
    {"templates/figures.mustache", file_104, sizeof file_104},
    {"templates/health.mustache", file_105, sizeof file_105},
    {"templates/job.mustache", file_106, sizeof file_106},
    {"templates/jobrow.mustache", file_107, sizeof file_107},
    {"templates/jobs.mustache", file_108, sizeof file_108},
    {"templates/layout.mustache", file_109, sizeof file_109},
    {"templates/listing.mustache", file_110, sizeof file_110},
    {"templates/listingactions.mustache", file_111, sizeof file_111},
    {"templates/listingrow.mustache", file_112, sizeof file_112},
    {"templates/login.mustache", file_113, sizeof file_113},
    {"templates/market.mustache", file_114, sizeof file_114},
    {"templates/markettabs.mustache", file_115, sizeof file_115},
    {"templates/offer.mustache", file_116, sizeof file_116},
    {"templates/offers.mustache", file_117, sizeof file_117},
    {"templates/operate.mustache", file_118, sizeof file_118},
    {"templates/operatetabs.mustache", file_119, sizeof file_119},
    {"templates/operation.mustache", file_120, sizeof file_120},
    {"templates/pager.mustache", file_121, sizeof file_121},
    {"templates/poolrow.mustache", file_122, sizeof file_122},
    {"templates/pools.mustache", file_123, sizeof file_123},
    {"templates/provenance.mustache", file_124, sizeof file_124},
    {"templates/purchase.mustache", file_125, sizeof file_125},
    {"templates/purchaseactions.mustache", file_126, sizeof file_126},
    {"templates/purchaserow.mustache", file_127, sizeof file_127},
    {"templates/purchases.mustache", file_128, sizeof file_128},
    {"templates/runs.mustache", file_129, sizeof file_129},
    {"templates/service.mustache", file_130, sizeof file_130},
    {"templates/value.mustache", file_131, sizeof file_131},
    {"templates/webhook.mustache", file_132, sizeof file_132},
    {"templates/webhookrow.mustache", file_133, sizeof file_133},
    {"templates/webhooks.mustache", file_134, sizeof file_134},
};

const size_t console_file_count = sizeof files / sizeof files[0];

const struct console_file *console_file_at(size_t index) { return &files[index]; }

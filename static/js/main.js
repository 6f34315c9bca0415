// Starts every behaviour on the page, and again on whatever htmx swaps in. Each `enhance(root)` is
// harmless on a part it has seen before. The page works without any of them.
import { enhance as autoSubmit } from "./auto_submit.js";
import { enhance as bulk } from "./bulk.js";
import { enhance as combobox } from "./combobox.js";
import { start as startConfirm } from "./confirm.js";
import { enhance as dirtyForm } from "./dirty_form.js";
import { enhance as errorSummary } from "./error_summary.js";
import { enhance as formset } from "./formset.js";
import { start as startMenus } from "./menu.js";
import { enhance as passkey, start as startPasskeys } from "./passkey.js";
import { enhance as pasteSplit } from "./paste_split.js";
import { enhance as printButton } from "./print_button.js";
import { enhance as sectionNav } from "./section_nav.js";
import { enhance as upload } from "./upload.js";

const behaviours = [formset, combobox, pasteSplit, dirtyForm, autoSubmit, printButton, sectionNav, upload, passkey, errorSummary, bulk];

const enhance = (root) => behaviours.forEach((behaviour) => behaviour(root));

startConfirm();
startMenus();
startPasskeys();
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
document.addEventListener("formset:add", (event) => enhance(event.detail.row));

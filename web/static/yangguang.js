// What pages do beyond plain forms; every page works without it.
import { initAll } from "./vendor/govuk-frontend-6.3.0.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

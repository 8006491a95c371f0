// The page at /docs: Swagger UI over the gateway's own description, and over no other.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';

SwaggerUI({
  domNode: document.getElementById('swagger-ui'),
  // Relative to the page, so that it works below any prefix of a proxy.
  url: new URL('openapi.json', document.baseURI).href,
  // No badge of the validator, which is another host; no description by the address's query.
  validatorUrl: null,
  queryConfigEnabled: false,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1,
});

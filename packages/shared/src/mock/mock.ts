export { evaluateQuery, nameOf, type Cell, type Evaluation, type Row } from "./evaluate-query.ts";

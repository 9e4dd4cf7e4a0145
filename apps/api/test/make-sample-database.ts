/** `node make-sample-database.ts FILE MILLISECONDS` */
import { makeSampleDatabase } from "../src/stores/sqlite/testing/sample-database.ts";
import { plainPasswords } from "./plain-passwords.ts";

const [, , file = "", at] = process.argv;
await makeSampleDatabase(file, Number(at), plainPasswords.hash);

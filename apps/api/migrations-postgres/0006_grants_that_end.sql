ALTER TABLE "grants" ADD COLUMN "expires_at" bigint;--> statement-breakpoint
CREATE INDEX "grants_created" ON "grants" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "grants_end" ON "grants" USING btree ("expires_at") WHERE "grants"."expires_at" is not null;
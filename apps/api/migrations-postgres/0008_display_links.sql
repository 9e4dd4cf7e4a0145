CREATE TABLE "display_links" (
	"id" text PRIMARY KEY NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"name" text NOT NULL,
	"section_id" text NOT NULL,
	"made_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"last_seen_at" bigint,
	CONSTRAINT "display_links_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
ALTER TABLE "display_links" ADD CONSTRAINT "display_links_section_id_sections_id_fk" FOREIGN KEY ("section_id") REFERENCES "public"."sections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "display_links" ADD CONSTRAINT "display_links_made_by_users_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "display_links_section" ON "display_links" USING btree ("section_id");--> statement-breakpoint
CREATE INDEX "display_links_maker" ON "display_links" USING btree ("made_by");--> statement-breakpoint
CREATE INDEX "display_links_created" ON "display_links" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "display_links_end" ON "display_links" USING btree ("expires_at");
-- Every key that there is was made for tokens that anybody can verify. What has no public half is to come.
CREATE TABLE `__new_signing_keys` (
	`kid` text PRIMARY KEY NOT NULL,
	`use` text NOT NULL,
	`algorithm` text NOT NULL,
	`public_jwk` text,
	`encrypted_private_jwk` blob NOT NULL,
	`master_secret_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`activates_at` integer NOT NULL,
	`removed_at` integer,
	CONSTRAINT "signing_keys_use" CHECK("__new_signing_keys"."use" in ('cookie', 'bearer')),
	CONSTRAINT "signing_keys_of_cookies_are_secret" CHECK(("__new_signing_keys"."use" = 'cookie') = ("__new_signing_keys"."public_jwk" is null))
);
--> statement-breakpoint
INSERT INTO `__new_signing_keys`("kid", "use", "algorithm", "public_jwk", "encrypted_private_jwk", "master_secret_id", "created_at", "activates_at", "removed_at") SELECT "kid", 'bearer', "algorithm", "public_jwk", "encrypted_private_jwk", "master_secret_id", "created_at", "activates_at", "removed_at" FROM `signing_keys`;--> statement-breakpoint
DROP TABLE `signing_keys`;--> statement-breakpoint
ALTER TABLE `__new_signing_keys` RENAME TO `signing_keys`;
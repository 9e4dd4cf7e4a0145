-- Reading about datasets was no permission of its own before. Without it, nobody who had every permission still has, and the next start would offer to create a first admin.
INSERT OR IGNORE INTO role_permissions (role_id, permission) SELECT role_id, 'datasets:read' FROM role_permissions WHERE permission = 'datasets:write';

-- Vai trò chỉ đọc của dịch vụ: chỉ các view WGS 84 của một schema, không có bảng gốc, không có phusong_states.
-- Tham số schema: psql -v schema=phusong_ha_giang -f reader.sql. Chạy lại sau khi một lần xuất thêm bảng hoặc đổi cột.
-- The role that a service reads with: the WGS 84 views of one schema alone, neither tables nor phusong_states.
-- Run it again when an export brought a table or changed columns, which makes a view anew.
SELECT 'CREATE ROLE phusong_reader LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'phusong_reader') \gexec
GRANT USAGE ON SCHEMA :"schema" TO phusong_reader;
SELECT format('GRANT SELECT ON %I.%I TO phusong_reader', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :'schema' AND c.relkind = 'v' AND c.relname LIKE '%\_wgs84' \gexec

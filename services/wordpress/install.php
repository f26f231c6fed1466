<?php
// Makes the site and prints the application password of its administrator.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('WORDPRESS_URL'), PHP_URL_HOST);
$_SERVER['REQUEST_URI'] = '/';
require getenv('WORDPRESS_SITE') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

// Nobody is told by mail that there is a new site.
function wp_new_blog_notification($title, $url, $user, $password) {}

$made = wp_install('Police Department', 'archivist', 'archivist@example.org', true, '', wp_generate_password());
if (is_wp_error($made)) {
    fwrite(STDERR, $made->get_error_message() . "\n");
    exit(1);
}
update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
update_option('timezone_string', 'America/Los_Angeles');
update_option('comments_notify', 0);
update_option('moderation_notify', 0);
wp_delete_post(1, true); // the example post, page and comment are not ours
wp_delete_post(2, true);
wp_delete_post(3, true);
flush_rewrite_rules(false);

$password = WP_Application_Passwords::create_new_application_password($made['user_id'], ['name' => 'archiver']);
if (is_wp_error($password)) {
    fwrite(STDERR, $password->get_error_message() . "\n");
    exit(1);
}
echo $password[0], "\n";

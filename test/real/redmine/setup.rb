# Run by Redmine itself: users with their keys, roles, projects and custom fields. seed.ts opens the tickets over REST.
Setting.rest_api_enabled = '1'
Setting.login_required = '1'
Setting.default_language = 'en'
Setting.notified_events = []
Setting.cross_project_issue_relations = '1'
Setting.cross_project_subtasks = 'system'
Setting.issue_group_assignment = '1'
# Else every ticket would begin on the day of the test.
Setting.default_issue_start_date_to_creation_date = '0'

def key(user, value)
  Token.find_or_create_by!(user_id: user.id, action: 'api').update_column(:value, value)
end

def person(login, first, last, secret)
  user = User.new(firstname: first, lastname: last, mail: "#{login}@desk.example", language: 'en')
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex(16)
  user.mail_notification = 'none'
  user.save!
  key(user, secret)
  user
end

admin = User.find_by_login('admin')
admin.must_change_passwd = false
admin.mail_notification = 'none'
admin.save!
key(admin, 'a' * 40)

ann = person('ann', 'Ann', 'Agent', '1' * 40)
ben = person('ben', 'Ben', 'Agent', '2' * 40)
rita = person('rita', 'Rita', 'Reader', '3' * 40)
otto = person('otto', 'Otto', 'Other', '4' * 40)
carl = person('carl', 'Carl', 'Customer', 'c' * 40)
dora = person('dora', 'Dora', 'Customer', 'd' * 40)

manager = Role.find_by_name('Manager')
reporter = Role.find_by_name('Reporter')
# Everything that a manager may, except with private notes.
plain = manager.dup
plain.name = 'Without private notes'
plain.permissions = manager.permissions - [:view_private_notes, :set_notes_private]
plain.save!
Tracker.all.each { |tracker| WorkflowRule.copy_one(tracker, manager, tracker, plain) }

second_level = Group.create!(lastname: 'Second level')

%w[support billing network].each do |identifier|
  project = Project.new(identifier: identifier, name: identifier.capitalize, is_public: false)
  project.enabled_module_names = %w[issue_tracking]
  project.trackers = Tracker.sorted.to_a
  project.save!
  [ann, ben].each { |user| Member.create!(project: project, user_id: user.id, roles: [manager]) }
  Member.create!(project: project, user_id: rita.id, roles: [plain])
  Member.create!(project: project, user_id: second_level.id, roles: [manager])
  [carl, dora].each { |user| Member.create!(project: project, user_id: user.id, roles: [reporter]) }
  %w[Hardware Software Account].each { |name| IssueCategory.create!(project_id: project.id, name: name) }
end
Member.create!(project: Project.find('billing'), user_id: otto.id, roles: [manager])

def field(name, format, **options)
  defaults = { is_for_all: true, is_filter: true, searchable: true, visible: true }
  one = IssueCustomField.new({ name: name, field_format: format }.merge(defaults).merge(options))
  one.trackers = Tracker.all.to_a
  one.save!
end
field('Channel', 'list', possible_values: %w[email phone web chat])
field('Tags', 'list', possible_values: %w[vip outage invoice refund], multiple: true)
field('External ref', 'string')
field('Amount', 'float')
field('Follow up', 'date')
field('Warranty', 'bool')
field('Expert', 'user')
# Seen by managers only.
field('Margin', 'int', visible: false, roles: [manager])
